namespace Ncr.Core.Blobs;

/// <summary>A blob that the caller may read.</summary>
/// <param name="Size">Bytes.</param>
public sealed record BlobRef(Digest Digest, long Size)
{
    internal long BlobId { get; init; }

    internal long ImageId { get; init; }

    internal string Location { get; init; } = "";
}
