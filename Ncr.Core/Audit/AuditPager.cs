using System.Globalization;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Audit;

/// <summary>Pages of the log, the newest first, each begun by an id.</summary>
internal static class AuditPager
{
    public static async Task<PageOf<long>> FindAsync(EventFinder finder, EventRange range, PageRequest page, CancellationToken cancellationToken)
    {
        var before = IdOf(page.Before);
        var after = before is null ? IdOf(page.After) : null;
        var take = page.SafeTake;
        var part = before is { } newer ? range with { First = Math.Max(range.First, newer + 1) }
            : after is { } older ? range with { End = Math.Min(range.End, older) }
            : range;
        var found = await finder.FindAsync(part, take + 1, newestFirst: before is null, cancellationToken);
        var hasMore = found.Count > take;
        if (hasMore)
        {
            found.RemoveAt(take);
        }

        if (before is not null)
        {
            if (!hasMore && found.Count < take)
            {
                return await FindAsync(finder, range, page with { Before = null, After = null }, cancellationToken); // The first page, whole.
            }

            found.Reverse();
        }

        if (found.Count == 0 && after is not null)
        {
            // What came after it went meanwhile: the last page that there is.
            return await FindAsync(finder, range, page with { Before = page.After, After = null }, cancellationToken);
        }

        var isWhole = before is null && after is null && !hasMore;
        var count = isWhole ? found.Count : await finder.CountAsync(range, Keyset.MaxCounted + 1, cancellationToken);
        var hasPrevious = before is null ? after is not null : hasMore;
        var hasNext = before is not null || hasMore;
        return new PageOf<long>(
            found,
            Math.Min(count, Keyset.MaxCounted),
            count > Keyset.MaxCounted,
            hasPrevious && found.Count > 0 ? TextOf(found[0]) : null,
            hasNext && found.Count > 0 ? TextOf(found[^1]) : null);
    }

    private static long? IdOf(string? cursor) => long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < long.MaxValue ? id : null;

    private static string TextOf(long id) => id.ToString(CultureInfo.InvariantCulture);
}
