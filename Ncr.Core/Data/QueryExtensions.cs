namespace Ncr.Core.Data;

internal static class QueryExtensions
{
    /// <summary>
    /// Each id once, before anything else is asked of it. A plain <c>Distinct</c> is merged with the conditions that follow, which the database then asks for every row: of the empty config that a
    /// hundred thousand artifacts have in common a hundred thousand times, each time over a hundred thousand.
    /// </summary>
    public static IQueryable<long> EachOnce(this IQueryable<long> ids) => ids.GroupBy(id => id).Select(g => g.Key);
}
