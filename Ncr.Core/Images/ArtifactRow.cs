namespace Ncr.Core.Images;

/// <summary>An artifact as lists show it.</summary>
/// <param name="Tags">The first tags by name, at most <see cref="MaxTags"/>.</param>
/// <param name="Size">Bytes of all that it names.</param>
/// <param name="PullCount">Times its manifest was pulled.</param>
public sealed record ArtifactRow(
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
    IReadOnlyList<string> Tags)
{
    /// <summary>More are told of by <see cref="TagCount"/>.</summary>
    public const int MaxTags = 5;
}
