using Ncr.Core.Blobs;

namespace Ncr.Core.Images;

/// <summary>A reference to content (image-spec, descriptor.md), as far as the registry needs it.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Platform"><c>os/architecture[/variant]</c>; null when it has none.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size, string? Platform, string? ArtifactType)
{
    /// <summary>The name of the file that it was, <c>org.opencontainers.image.title</c>; null when it has none.</summary>
    public string? Title { get; init; }
}
