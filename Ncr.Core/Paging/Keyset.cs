using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace Ncr.Core.Paging;

/// <summary>Reads a page of a list by where it begins, not by how many rows are before it: page 40,000 costs what the first does.</summary>
internal static class Keyset
{
    /// <summary>Rows counted for a list that nobody keeps a number of.</summary>
    public const int MaxCounted = 1000;

    /// <summary>The ids of a page's rows, in order.</summary>
    /// <param name="query">The whole list, filtered.</param>
    /// <param name="page">What is wanted.</param>
    /// <param name="id">The row's id; of a type whose order the index goes by within equals.</param>
    /// <param name="columns">What it can be sorted by; the first when the request names none of them.</param>
    /// <param name="descendingFirst">Whether the list's own order is from high to low.</param>
    /// <param name="total">How many rows there are, when that is known; else they are counted up to <see cref="MaxCounted"/>.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <param name="sample">Some of the rows, to be counted instead of all where that would be a walk over far more than is found; the total is cut then.</param>
    public static async Task<PageOf<long>> FindAsync<TEntity>(
        IQueryable<TEntity> query,
        PageRequest page,
        Expression<Func<TEntity, long>> id,
        IReadOnlyList<SortColumn<TEntity>> columns,
        bool descendingFirst,
        long? total,
        CancellationToken cancellationToken,
        IQueryable<TEntity>? sample = null)
    {
        var asked = columns.FirstOrDefault(c => c.Name == page.Sort);
        var column = asked ?? columns[0];
        var descending = asked is null ? descendingFirst : page.Descending;
        var before = Cursor.TryParse(page.Before);
        var after = before is null ? Cursor.TryParse(page.After) : null;
        var take = page.SafeTake;
        var found = await column.Read(query, id, before is null ? descending : !descending, before ?? after).Take(take + 1).ToListAsync(cancellationToken);
        var hasMore = found.Count > take;
        if (hasMore)
        {
            found.RemoveAt(take);
        }

        if (before is not null)
        {
            if (!hasMore && found.Count < take)
            {
                // Less than a page is left before it: the first page, whole.
                return await FindAsync(query, page with { Before = null, After = null }, id, columns, descendingFirst, total, cancellationToken, sample);
            }

            found.Reverse();
        }

        if (found.Count == 0 && after is not null)
        {
            // What came after it went meanwhile: the last page that there is.
            return await FindAsync(query, page with { Before = page.After, After = null }, id, columns, descendingFirst, total, cancellationToken, sample);
        }

        // Where all of it is on this page nothing has to be counted: a search that finds little has looked at everything once already.
        var isWhole = before is null && after is null && !hasMore;
        var (count, isCut) = isWhole ? (found.Count, false) : total is { } known ? (known, false)
            : sample is null ? await CountAsync(query, cancellationToken)
            : (Math.Max(found.Count, (await CountAsync(sample, cancellationToken)).Count - 1), true); // This page is not the whole, so there are more rows than it has.
        var hasPrevious = before is null ? after is not null : hasMore;
        var hasNext = before is not null || hasMore;
        return new PageOf<long>(
            [.. found.Select(c => c.Id)], count, isCut, hasPrevious && found.Count > 0 ? found[0].ToString() : null, hasNext && found.Count > 0 ? found[^1].ToString() : null);
    }

    private static async Task<(long Count, bool IsCut)> CountAsync<TEntity>(IQueryable<TEntity> query, CancellationToken cancellationToken)
    {
        var count = await query.Take(MaxCounted + 1).CountAsync(cancellationToken);
        return (Math.Min(count, MaxCounted), count > MaxCounted);
    }
}
