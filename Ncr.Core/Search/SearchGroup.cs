namespace Ncr.Core.Search;

/// <summary>The first things found of a kind; never none.</summary>
/// <param name="HasMore">Whether there are more of them.</param>
public sealed record SearchGroup(SearchKind Kind, IReadOnlyList<SearchHit> Hits, bool HasMore);
