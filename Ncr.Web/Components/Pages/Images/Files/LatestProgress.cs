using Ncr.Core.Images.Files;

namespace Ncr.Web.Components.Pages.Images.Files;

/// <summary>Keeps the last report; the page looks at it when it draws.</summary>
internal sealed class LatestProgress : IProgress<FileProgress>
{
    private FileProgress? _value;

    public FileProgress? Value => Volatile.Read(ref _value);

    public void Report(FileProgress value) => Volatile.Write(ref _value, value);
}
