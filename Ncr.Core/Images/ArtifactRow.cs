namespace Ncr.Core.Images;

/// <summary>An artifact as lists show it.</summary>
/// <param name="Tags">The first tags by name, at most <see cref="MaxTags"/>.</param>
/// <param name="Size">Bytes of all that it names.</param>
/// <param name="PullCount">Times its manifest was pulled.</param>
/// <param name="AccessoryOf">Digest of the artifact that it belongs to, which need not be there; null when it stands for itself.</param>
/// <param name="AccessoryCount">Artifacts that belong to it: signatures, SBOMs, attestations.</param>
/// <param name="IsSigned">Whether one of them is a signature; nothing says that it is a good one.</param>
public sealed record ArtifactRow(
    long Id,
    string Digest,
    ArtifactType Type,
    string? ArtifactTypeName,
    string MediaType,
    string? Platforms,
    long Size,
    DateTime PushedAt,
    string PushedBy,
    DateTime? PulledAt,
    long PullCount,
    int TagCount,
    IReadOnlyList<string> Tags,
    string? AccessoryOf,
    int AccessoryCount,
    bool IsSigned)
{
    /// <summary>More are told of by <see cref="TagCount"/>.</summary>
    public const int MaxTags = 5;
}
