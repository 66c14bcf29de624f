using System.Security.Cryptography;

namespace Ncr.Core.Blobs;

/// <summary>What the server remembers of an upload between requests. Losing it costs a re-read, never the upload.</summary>
internal sealed class UploadSession
{
    private IncrementalHash? _hash;

    /// <summary>Held by the request that writes.</summary>
    public SemaphoreSlim Busy { get; } = new(1, 1);

    /// <summary>Bytes that <see cref="Hash"/> covers; the file may have more after a crash.</summary>
    public long Offset { get; set; }

    /// <summary>Null when the hash must be rebuilt from what is stored.</summary>
    public IncrementalHash? Hash
    {
        get => _hash;
        set
        {
            _hash?.Dispose();
            _hash = value;
        }
    }

    /// <summary>Timestamp of the clock.</summary>
    public long LastUsed { get; set; }
}
