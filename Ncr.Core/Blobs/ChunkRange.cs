namespace Ncr.Core.Blobs;

/// <summary>The part of a blob that a chunk holds, both ends included, as an upload's <c>Content-Range</c> says it.</summary>
public readonly record struct ChunkRange(long Start, long End)
{
    /// <summary>Bytes.</summary>
    public long Length => End - Start + 1;
}
