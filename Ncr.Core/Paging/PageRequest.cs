namespace Ncr.Core.Paging;

/// <summary>Which part of a list is wanted, in what order.</summary>
/// <param name="Skip">Rows to leave out at the start.</param>
/// <param name="Take">Rows wanted, at most <see cref="MaxTake"/>.</param>
/// <param name="Search">Only rows whose name contains this, whatever its case; null or empty for all.</param>
/// <param name="Sort">Name of the column as the list's service documents it; null for the list's own order.</param>
/// <param name="Descending">Whether <paramref name="Sort"/> goes from high to low.</param>
public sealed record PageRequest(int Skip = 0, int Take = 25, string? Search = null, string? Sort = null, bool Descending = false)
{
    public const int MaxTake = 500;

    internal int SafeSkip => Math.Max(0, Skip);

    internal int SafeTake => Math.Clamp(Take, 1, MaxTake);
}
