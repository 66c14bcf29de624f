namespace Ncr.Core.Images;

/// <summary>One artifact with all that its page shows.</summary>
/// <param name="Manifest">The manifest as pushed.</param>
/// <param name="Config">The config blob as pushed, when it is JSON and not too large to be shown; else null.</param>
/// <param name="Parents">Digests of the indexes that name it.</param>
public sealed record ArtifactDetails(ArtifactRow Row, ManifestDocument Document, byte[] Manifest, byte[]? Config, IReadOnlyList<string> Parents, string? Subject);
