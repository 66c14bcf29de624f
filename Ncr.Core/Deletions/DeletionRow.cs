namespace Ncr.Core.Deletions;

/// <summary>A deletion as the page shows it.</summary>
/// <param name="Image">The image's full name; null for a registry.</param>
/// <param name="Tag">The tag that was deleted alone; null otherwise.</param>
/// <param name="Tags">The first tags that went with an artifact.</param>
/// <param name="Size">Bytes that nothing else needed when it was deleted.</param>
public sealed record DeletionRow(
    long Id, DeletionKind Kind, string Registry, string? Image, string? Tag, string? Digest, string? Tags, DateTime At, string By, DateTime ExpiresAt, int ArtifactCount, int TagCount, long Size);
