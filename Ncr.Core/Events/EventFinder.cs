using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Events;

/// <summary>
/// Finds events of some streams in the order of the log without meeting those of others: each stream's first event is looked up by an index, and then only streams
/// whose first is early enough for the page are read. What is asked for at the far end, or not there at all, costs what the newest does.
/// </summary>
/// <param name="db">The database.</param>
/// <param name="streams">What is wanted; null for everything.</param>
/// <param name="image">Only of this image; null for all.</param>
internal sealed class EventFinder(NcrDbContext db, IQueryable<EventStream>? streams, string? image)
{
    /// <summary>Events looked at one after the other, at least, before the streams are asked.</summary>
    private const int WalkSize = 1000;

    /// <summary>The ids of the first events of a range.</summary>
    /// <param name="range">Where to look.</param>
    /// <param name="take">How many.</param>
    /// <param name="newestFirst">From its end to its beginning.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    public async Task<List<long>> FindAsync(EventRange range, int take, bool newestFirst, CancellationToken cancellationToken)
    {
        if (streams is null && image is null)
        {
            return await Order(range.Apply(db.Events), newestFirst).Take(take).ToListAsync(cancellationToken);
        }

        if (image is null)
        {
            // Of what is common, a page is soon met.
            var met = await Walk(range, Math.Max(WalkSize, 4 * take), newestFirst).Take(take).ToListAsync(cancellationToken);
            if (met.Count == take)
            {
                return met;
            }
        }

        var heads = (await Heads(range, newestFirst).ToListAsync(cancellationToken)).Where(h => h.EventId is not null);
        var found = new List<long>();
        foreach (var head in newestFirst ? heads.OrderByDescending(h => h.EventId) : heads.OrderBy(h => h.EventId))
        {
            var rest = range;
            if (found.Count == take)
            {
                rest = newestFirst ? range with { First = found[^1] + 1 } : range with { End = found[^1] };
                if (head.EventId < rest.First || head.EventId >= rest.End)
                {
                    break; // It begins after the page's end, and so do all that follow.
                }
            }

            found.AddRange(await Entries(head.StreamId, rest, take, newestFirst).ToListAsync(cancellationToken));
            found.Sort();
            if (newestFirst)
            {
                found.Reverse();
            }

            if (found.Count > take)
            {
                found.RemoveRange(take, found.Count - take);
            }
        }

        return found;
    }

    /// <summary>How many there are, counted up to a limit.</summary>
    public Task<int> CountAsync(EventRange range, int limit, CancellationToken cancellationToken) => Some(range, limit).CountAsync(cancellationToken);

    internal IQueryable<Event> Some(EventRange range, int limit)
    {
        var events = range.Apply(db.Events);
        events = image is null ? events : events.Where(e => e.Image == image && e.StreamId != null); // As the index says of itself.
        return (streams is null ? events : events.Where(e => streams.Select(s => s.Id).Contains(e.StreamId!.Value))).Take(limit);
    }

    internal IQueryable<long> Walk(EventRange range, int size, bool newestFirst)
    {
        var events = range.Apply(db.Events);
        var walked = (newestFirst ? events.OrderByDescending(e => e.Id) : events.OrderBy(e => e.Id)).Take(size);
        return Order(streams is null ? walked : walked.Where(e => streams.Any(s => s.Id == e.StreamId)), newestFirst);
    }

    internal IQueryable<Head> Heads(EventRange range, bool newestFirst)
    {
        var wanted = streams ?? db.EventStreams;
        var events = range.Apply(db.Events);
        events = image is null ? events : events.Where(e => e.Image == image);
        return newestFirst
            ? wanted.Select(s => new Head(s.Id, events.Where(e => e.StreamId == s.Id).OrderByDescending(e => e.Id).Select(e => (long?)e.Id).FirstOrDefault()))
            : wanted.Select(s => new Head(s.Id, events.Where(e => e.StreamId == s.Id).OrderBy(e => e.Id).Select(e => (long?)e.Id).FirstOrDefault()));
    }

    internal IQueryable<long> Entries(long streamId, EventRange range, int take, bool newestFirst)
    {
        var events = range.Apply(db.Events).Where(e => e.StreamId == streamId);
        return Order(image is null ? events : events.Where(e => e.Image == image), newestFirst).Take(take);
    }

    private static IQueryable<long> Order(IQueryable<Event> events, bool newestFirst) =>
        newestFirst ? events.OrderByDescending(e => e.Id).Select(e => e.Id) : events.OrderBy(e => e.Id).Select(e => e.Id);

    /// <summary>A stream, and its first event in the order of the page; null when it has none there.</summary>
    internal sealed record Head(long StreamId, long? EventId);
}
