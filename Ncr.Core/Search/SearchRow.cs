namespace Ncr.Core.Search;

/// <summary>What a query found.</summary>
internal sealed class SearchRow
{
    /// <summary>The row's id: later rows have higher ones.</summary>
    public long Order { get; init; }

    /// <summary>The image's full name.</summary>
    public required string Image { get; init; }

    public string? Tag { get; init; }

    public required string Digest { get; init; }

    public long ArtifactId { get; init; }

    public string? LabelName { get; init; }

    public string? LabelValue { get; init; }
}
