using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;

namespace Ncr.Core.Audit;

/// <summary>Deletes events that are older than they are to be kept, in small transactions, so that pushes hardly notice.</summary>
internal sealed partial class AuditKeeper(WriteGate writes, IDbContextFactory<NcrDbContext> dbFactory, StorageFailureLog failures, NcrOptions options, TimeProvider clock, ILogger<AuditKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Between two transactions, for others to have the database.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Events in one transaction: some milliseconds.</summary>
    private const int StepSize = 500;

    /// <summary>Deletes what is due now.</summary>
    internal async Task KeepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var audit = options.Audit;
        var deleted = 0L;
        if (audit.KeepFor > TimeSpan.Zero)
        {
            deleted += await DeleteAsync(now - audit.KeepFor, onlyPulls: false, cancellationToken);
        }

        if (audit.KeepPullsFor > TimeSpan.Zero)
        {
            deleted += await DeleteAsync(now - audit.KeepPullsFor, onlyPulls: true, cancellationToken);
        }

        if (deleted > 0)
        {
            await writes.RunAsync((db, token) => db.EventStreams.Where(s => !db.Events.Any(e => e.StreamId == s.Id)).ExecuteDeleteAsync(token), cancellationToken);
            LogDeleted(logger, deleted);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(FirstAfter, clock, stoppingToken);
            using var timer = new PeriodicTimer(Interval, clock);
            do
            {
                await TryAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops; the next start goes on.
        }
    }

    internal static IQueryable<long> Old(NcrDbContext db, DateTime before) => db.Events.Where(e => e.At < before).OrderBy(e => e.At).Select(e => e.Id).Take(StepSize);

    internal static IQueryable<long> OldPulls(NcrDbContext db, long streamId, long end) =>
        db.Events.Where(e => e.StreamId == streamId && e.Id < end).OrderBy(e => e.Id).Select(e => e.Id).Take(StepSize);

    private async Task<long> DeleteAsync(DateTime before, bool onlyPulls, CancellationToken cancellationToken)
    {
        if (!onlyPulls)
        {
            return await DeleteAsync(db => Old(db, before), cancellationToken);
        }

        long? end;
        List<long> streams;
        await using (var db = await dbFactory.CreateDbContextAsync(cancellationToken))
        {
            end = await EventRange.FirstSince(db, before).FirstOrDefaultAsync(cancellationToken);
            streams = await db.EventStreams.Where(s => s.Type == EventTypes.ArtifactPulled).Select(s => s.Id).ToListAsync(cancellationToken);
        }

        var deleted = 0L;
        foreach (var stream in streams)
        {
            deleted += await DeleteAsync(db => OldPulls(db, stream, end ?? long.MaxValue), cancellationToken);
        }

        return deleted;
    }

    private async Task<long> DeleteAsync(Func<NcrDbContext, IQueryable<long>> find, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        while (true)
        {
            List<long> ids;
            await using (var db = await dbFactory.CreateDbContextAsync(cancellationToken))
            {
                ids = await find(db).ToListAsync(cancellationToken);
            }

            if (ids.Count > 0)
            {
                deleted += await writes.RunAsync((db, token) => db.Events.Where(e => ids.Contains(e.Id)).ExecuteDeleteAsync(token), cancellationToken);
            }

            if (ids.Count < StepSize)
            {
                return deleted;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await KeepAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // The next hour has its own.
        {
            if (failures.Report(exception) is null)
            {
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Deleted {Count} events that were older than the audit keeps them")]
    private static partial void LogDeleted(ILogger logger, long count);

    [LoggerMessage(LogLevel.Warning, "Old events could not be deleted; it is tried again in an hour")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
