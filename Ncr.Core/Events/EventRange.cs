using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Events;

/// <summary>A part of the log, by ids, which rise with time; and by time, to be exact at its ends.</summary>
/// <param name="First">The first id in it.</param>
/// <param name="End">The first id after it.</param>
/// <param name="From">The earliest time; null for no bound.</param>
/// <param name="Until">The time that it ends before; null for no bound.</param>
internal sealed record EventRange(long First, long End, DateTime? From = null, DateTime? Until = null)
{
    public static readonly EventRange All = new(0, long.MaxValue);

    /// <summary>Pulls are written some seconds after they were: ids and times may differ that much in their order.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);

    /// <summary>Translates times by two looks into the index of times.</summary>
    /// <returns>Null when nothing lies between them.</returns>
    public static async Task<EventRange?> FindAsync(NcrDbContext db, DateTime? from, DateTime? until, CancellationToken cancellationToken)
    {
        var (first, end) = (All.First, All.End);
        if (from is { } earliest)
        {
            if (await FirstSince(db, earliest - Slack).FirstOrDefaultAsync(cancellationToken) is not { } found)
            {
                return null;
            }

            first = found;
        }

        if (until is { } latest)
        {
            if (await LastBefore(db, latest + Slack).FirstOrDefaultAsync(cancellationToken) is not { } found)
            {
                return null;
            }

            end = found + 1;
        }

        return first < end ? new EventRange(first, end, from, until) : null;
    }

    public IQueryable<Event> Apply(IQueryable<Event> events)
    {
        events = events.Where(e => e.Id >= First && e.Id < End);
        events = From is { } from ? events.Where(e => e.At >= from) : events;
        return Until is { } until ? events.Where(e => e.At < until) : events;
    }

    internal static IQueryable<long?> FirstSince(NcrDbContext db, DateTime from) => db.Events.Where(e => e.At >= from).OrderBy(e => e.At).ThenBy(e => e.Id).Select(e => (long?)e.Id);

    internal static IQueryable<long?> LastBefore(NcrDbContext db, DateTime until) =>
        db.Events.Where(e => e.At < until).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Select(e => (long?)e.Id);
}
