namespace Ncr.Core.Blobs.Integrity;

/// <summary>An artifact that can't be pulled whole because of a damaged blob: it names it, or is an index of one that does.</summary>
/// <param name="Image">The full name.</param>
/// <param name="Tags">The first few, by name.</param>
/// <param name="TagCount">How many there are.</param>
public sealed record HitArtifactRow(string Image, string Digest, IReadOnlyList<string> Tags, int TagCount);
