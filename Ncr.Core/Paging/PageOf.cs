namespace Ncr.Core.Paging;

/// <summary>A part of a list, and where it stands in it.</summary>
/// <param name="Total">Rows of the whole (filtered) list; when <paramref name="IsTotalCut"/>, there are more than this.</param>
/// <param name="IsTotalCut">Counting stopped at <paramref name="Total"/>, since it would have cost more than the page.</param>
/// <param name="Previous">Asks for the page before this one; null on the first.</param>
/// <param name="Next">Asks for the page after this one; null on the last.</param>
public sealed record PageOf<T>(IReadOnlyList<T> Items, long Total, bool IsTotalCut = false, string? Previous = null, string? Next = null)
{
    /// <summary>The same place in the list with other rows.</summary>
    public PageOf<TRow> With<TRow>(IReadOnlyList<TRow> items) => new(items, Total, IsTotalCut, Previous, Next);
}
