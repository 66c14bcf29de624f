using Ncr.Core.Blobs;

namespace Ncr.Core.Images;

/// <summary>A manifest to be served.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Payload">Its bytes as pushed; null when only its presence was asked for.</param>
public sealed record ManifestRef(Digest Digest, string MediaType, int Size, byte[]? Payload)
{
    internal long ArtifactId { get; init; }

    internal long ImageId { get; init; }
}
