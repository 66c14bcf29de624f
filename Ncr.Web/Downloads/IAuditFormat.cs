using System.Buffers;
using Ncr.Core.Audit;

namespace Ncr.Web.Downloads;

/// <summary>A way to write events into a file.</summary>
internal interface IAuditFormat
{
    void Begin(IBufferWriter<byte> file);

    void Write(IBufferWriter<byte> file, AuditRow row);
}
