namespace Ncr.Core.Paging;

/// <summary>Which part of a list is wanted, in what order.</summary>
/// <param name="Take">Rows wanted, at most <see cref="MaxTake"/>.</param>
/// <param name="Search">Only rows whose name contains this, whatever its case; null or empty for all.</param>
/// <param name="Sort">Name of the column as the list's service documents it; null for the list's own order.</param>
/// <param name="Descending">Whether <paramref name="Sort"/> goes from high to low.</param>
/// <param name="After">A page's <see cref="PageOf{T}.Next"/>: the rows after it. One that can't be read is passed over.</param>
/// <param name="Before">A page's <see cref="PageOf{T}.Previous"/>: the rows before it.</param>
/// <param name="Filter">Only rows of one kind, as the list's service documents it; null for all.</param>
public sealed record PageRequest(
    int Take = 25, string? Search = null, string? Sort = null, bool Descending = false, string? After = null, string? Before = null, string? Filter = null)
{
    public const int MaxTake = 500;

    internal int SafeTake => Math.Clamp(Take, 1, MaxTake);
}
