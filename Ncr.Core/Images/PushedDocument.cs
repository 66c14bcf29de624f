using Ncr.Core.Blobs;

namespace Ncr.Core.Images;

/// <summary>A manifest on its way in, understood.</summary>
/// <param name="Payload">The bytes as they came.</param>
/// <param name="Platforms">As <see cref="Artifact.Platforms"/>.</param>
/// <param name="Labels">As <see cref="ArtifactLabel"/> keeps them.</param>
internal sealed record PushedDocument(Digest Digest, ManifestDocument Document, byte[] Payload, string? Platforms, IReadOnlyList<KeyValuePair<string, string>> Labels);
