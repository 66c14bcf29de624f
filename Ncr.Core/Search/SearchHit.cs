namespace Ncr.Core.Search;

/// <summary>Something found.</summary>
/// <param name="Image">The image's name within its registry; null for a registry.</param>
/// <param name="Tag">The tag found, or the first one of the artifact found; null when there is none.</param>
/// <param name="Digest">The artifact; null for registries and images.</param>
/// <param name="LabelName">Of the label found; null otherwise.</param>
/// <param name="LabelValue">Likewise.</param>
public sealed record SearchHit(SearchKind Kind, string Registry, string? Image = null, string? Tag = null, string? Digest = null, string? LabelName = null, string? LabelValue = null);
