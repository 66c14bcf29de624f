using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;

namespace Ncr.Core.Audit;

/// <summary>
/// Records what was refused, in the background and within bounds, so that a flood costs nothing and a full disk keeps nobody from being told no. What repeats within a
/// minute is counted, and the count is written with the next row.
/// </summary>
internal sealed partial class RefusalLog(WriteGate writes, EventLog events, StorageFailureLog failures, TimeProvider clock, ILogger<RefusalLog> logger) : BackgroundService
{
    /// <summary>Different refusals told apart at a time, and so rows a minute.</summary>
    public const int MaxRows = 120;

    /// <summary>Of those, of one actor at one address.</summary>
    public const int MaxRowsOfOne = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Refusal, Seen> _seen = [];
    private List<Row> _pending = [];
    private long _others;
    private long _othersWrittenAt = clock.GetTimestamp();

    /// <summary>Takes note of a refusal; from any thread, at once.</summary>
    /// <param name="type">One of <see cref="EventTypes"/>.</param>
    /// <param name="actor">Who was refused.</param>
    /// <param name="registry">Where; it need not exist.</param>
    /// <param name="reason">Why. Refusals for the same reason count as one: nothing that a stranger chose may be in it.</param>
    /// <param name="subject">What the first of them was about, such as the name of a key.</param>
    public void Note(string type, Actor actor, string? registry, string reason, string? subject = null)
    {
        var refusal = new Refusal(type, actor.Name, actor.Address, registry, reason);
        lock (_lock)
        {
            if (_seen.TryGetValue(refusal, out var seen))
            {
                seen.Count++;
            }
            else if (_seen.Count >= MaxRows || _seen.Keys.Count(r => r.Actor == refusal.Actor && r.Address == refusal.Address) >= MaxRowsOfOne)
            {
                _others++;
            }
            else
            {
                _seen[refusal] = new Seen { At = clock.GetTimestamp() };
                _pending.Add(new Row(refusal, clock.GetUtcNow().UtcDateTime, subject is null ? reason : $"{subject}: {reason}"));
            }
        }
    }

    /// <summary>Writes what gathered.</summary>
    /// <param name="isLast">Also the counts whose minute is not over, since there is no later time.</param>
    internal async Task FlushAsync(bool isLast = false)
    {
        List<Row> rows;
        lock (_lock)
        {
            Sweep(isLast);
            (rows, _pending) = (_pending, []);
        }

        if (rows.Count == 0)
        {
            return;
        }

        try
        {
            await writes.RunAsync((db, token) => WriteAsync(db, rows, token), CancellationToken.None);
        }
        catch (Exception exception) // Records of refusals are not worth stopping for.
        {
            if (exception is not OperationCanceledException && failures.Report(exception) is null)
            {
                LogFailed(logger, exception, rows.Count);
            }

            return;
        }

        foreach (var row in rows.DistinctBy(r => (r.Refusal.Type, r.Refusal.Registry)))
        {
            events.Announce(new Change(row.Refusal.Type, row.Refusal.Registry, null));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The last flush comes once nobody asks any more.
        }
    }

    /// <summary>Ends the minutes that are over: what was counted in one becomes a row and begins the next, what was not is forgotten.</summary>
    private void Sweep(bool isLast)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var (refusal, seen) in _seen.Where(s => isLast || clock.GetElapsedTime(s.Value.At) >= Window).ToList())
        {
            if (seen.Count == 0)
            {
                _seen.Remove(refusal);
                continue;
            }

            _pending.Add(new Row(refusal, now, $"{refusal.Reason} ({Times(seen.Count)} more since the last record)"));
            (seen.At, seen.Count) = (clock.GetTimestamp(), 0);
        }

        if (_others > 0 && (isLast || clock.GetElapsedTime(_othersWrittenAt) >= Window))
        {
            _pending.Add(new Row(new Refusal(EventTypes.CommandRefused, Actor.System.Name, null, null, ""), now, $"{Times(_others)} more, of kinds too many to record each"));
            (_others, _othersWrittenAt) = (0, clock.GetTimestamp());
        }
    }

    private static string Times(long count) => count == 1 ? "once" : $"{count} times";

    private async Task<bool> WriteAsync(NcrDbContext db, List<Row> rows, CancellationToken cancellationToken)
    {
        foreach (var (refusal, at, details) in rows)
        {
            // A name that somebody made up would be a registry of the log for ever.
            var isThere = refusal.Registry is not null && await db.Registries.AnyAsync(r => r.Name == refusal.Registry, cancellationToken);
            var actor = new Actor(null, refusal.Actor, refusal.Address);
            await events.AddAsync(
                db, actor, refusal.Type, isThere ? refusal.Registry : null, null, null, null, refusal.Registry is null || isThere ? details : $"{details}; registry '{refusal.Registry}', which does not exist", at);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "{Count} refusals could not be recorded")]
    private static partial void LogFailed(ILogger logger, Exception exception, int count);

    private sealed record Refusal(string Type, string Actor, string? Address, string? Registry, string Reason);

    private sealed record Row(Refusal Refusal, DateTime At, string Details);

    private sealed class Seen
    {
        public long At { get; set; }

        public long Count { get; set; }
    }
}
