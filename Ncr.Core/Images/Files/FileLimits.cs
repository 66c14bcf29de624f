namespace Ncr.Core.Images.Files;

/// <summary>How far a layer is read. Layers come from strangers: a few kilobytes may claim to unpack to petabytes or to millions of files.</summary>
public sealed record FileLimits
{
    /// <summary>Unpacked bytes read of one layer.</summary>
    public long MaxBytes { get; init; } = 8L << 30;

    /// <summary>Files and folders of one layer, and of a whole image.</summary>
    public int MaxEntries { get; init; } = 300_000;

    /// <summary>Bytes of one path or of a link's target.</summary>
    public int MaxPathLength { get; init; } = 4096;

    /// <summary>Folders within folders.</summary>
    public int MaxDepth { get; init; } = 256;

    /// <summary>Bytes of memory for one list; several fit into what is kept.</summary>
    public long MaxListSize { get; init; } = 28 << 20;

    /// <summary>For one layer.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of a file that may be downloaded by itself.</summary>
    public long MaxDownload { get; init; } = 64 << 20;

    /// <summary>Bytes of a file that are shown.</summary>
    public int MaxShown { get; init; } = 256 << 10;
}
