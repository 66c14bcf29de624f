using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Blobs.Integrity;

/// <summary>
/// Carries out runs, one at a time. The row is the job (rule C7): one without an end is taken up again after a restart, from where it stood. It
/// also starts those that are due by the calendar.
/// </summary>
internal sealed partial class IntegrityRunner(
    IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, IntegrityCheck check, EventLog events, NcrOptions options, StorageFailureLog failures, TimeProvider clock, ILogger<IntegrityRunner> logger)
    : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShowInterval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _asked = new(0, 1);
    private readonly Lock _lock = new();
    private CancellationTokenSource? _stop;
    private string? _stoppedBy;
    private volatile IntegrityTally? _tally;

    /// <summary>The run under way; null when there is none.</summary>
    public IntegrityTally? Current => _tally;

    /// <summary>A run was added.</summary>
    public void Wake()
    {
        try
        {
            _asked.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake.
        }
    }

    /// <summary>Ends the run under way.</summary>
    /// <returns>False when there is none.</returns>
    public bool Stop(string by)
    {
        lock (_lock)
        {
            if (_stop is null)
            {
                return false;
            }

            _stoppedBy = by;
            _stop.Cancel();
            return true;
        }
    }

    /// <summary>When the next full run is due; null for never.</summary>
    public async Task<DateTime?> FindNextAsync(CancellationToken cancellationToken)
    {
        if (options.Integrity.Interval == TimeSpan.Zero)
        {
            return null;
        }

        await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
        var last = await db.IntegrityRuns.Where(r => !r.IsQuick).OrderByDescending(r => r.StartedAt).Select(r => (DateTime?)r.StartedAt).FirstOrDefaultAsync(cancellationToken)
            ?? await db.Blobs.OrderBy(b => b.Id).Select(b => (DateTime?)b.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        return last + options.Integrity.Interval;
    }

    public override void Dispose()
    {
        _asked.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // The server does not wait for it with starting.
        await TryAsync(() => check.RecheckAsync(new Pacer(options.Integrity.Pace, clock), stoppingToken), stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var hasWorked = false;
            await TryAsync(async () => hasWorked = await WorkAsync(stoppingToken), stoppingToken);
            if (!hasWorked)
            {
                await _asked.WaitAsync(Patience, stoppingToken);
            }
        }
    }

    /// <returns>False when there is nothing to do.</returns>
    private async Task<bool> WorkAsync(CancellationToken stoppingToken)
    {
        await using var db = await dbFactory.CreateDbContextAsync(stoppingToken);
        var run = await db.IntegrityRuns.Where(r => r.EndedAt == null).OrderBy(r => r.Id).FirstOrDefaultAsync(stoppingToken);
        if (run is null)
        {
            if (await FindNextAsync(stoppingToken) is not { } due || due > clock.GetUtcNow().UtcDateTime)
            {
                return false;
            }

            await AddAsync(isQuick: false, by: null, stoppingToken);
            return true;
        }

        await CarryOutAsync(run, stoppingToken);
        return true;
    }

    /// <summary>Adds a run.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: one is under way.</exception>
    public async Task AddAsync(bool isQuick, string? by, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await writes.RunAsync(
            async (db, token) =>
            {
                if (await db.IntegrityRuns.AnyAsync(r => r.EndedAt == null, token))
                {
                    throw new NcrException(NcrError.Conflict, "A check is under way. Wait until it has ended, or stop it.");
                }

                db.IntegrityRuns.Add(new IntegrityRun { StartedAt = now, StartedBy = by, IsQuick = isQuick });
                return true;
            },
            cancellationToken);
        events.Announce(new Change(EventTypes.IntegrityRun, null, null));
        Wake();
    }

    private async Task CarryOutAsync(IntegrityRun run, CancellationToken stoppingToken)
    {
        var tally = new IntegrityTally
        {
            RunId = run.Id,
            IsQuick = run.IsQuick,
            Position = run.Position,
            Blobs = run.Blobs,
            Bytes = run.Bytes,
            DoneBytes = run.Bytes,
            FirstBytes = run.Bytes,
            Damaged = run.Damaged,
            Manifests = run.Manifests,
            TotalBytes = run.Bytes,
            StartedAt = clock.GetTimestamp(),
            Trouble = run.Error,
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        lock (_lock)
        {
            (_stop, _stoppedBy) = (stop, null);
        }

        _tally = tally;
        var (savedAt, shownAt) = (clock.GetTimestamp(), clock.GetTimestamp());
        LogStarted(logger, tally.IsQuick ? "quick" : "full", tally.Position);
        try
        {
            await check.RunAsync(
                tally,
                new Pacer(options.Integrity.Pace, clock),
                async token =>
                {
                    if (clock.GetElapsedTime(savedAt) >= SaveInterval)
                    {
                        savedAt = clock.GetTimestamp();
                        await SaveAsync(tally, endedAt: null, tally.Trouble, token);
                    }
                },
                () =>
                {
                    if (clock.GetElapsedTime(shownAt) >= ShowInterval)
                    {
                        shownAt = clock.GetTimestamp();
                        events.Announce(new Change(EventTypes.IntegrityRun, null, null));
                    }
                },
                stop.Token);
            await EndAsync(tally, tally.Trouble);
            NcrMetrics.IntegrityEnded(succeeded: true);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await SaveAsync(tally, endedAt: null, tally.Trouble, CancellationToken.None); // It goes on at the next start.
        }
        catch (OperationCanceledException) when (_stoppedBy is { } by)
        {
            await EndAsync(tally, $"{by} stopped it.");
        }
        catch (Exception exception) when (failures.Report(exception) is not null)
        {
            NcrMetrics.IntegrityEnded(succeeded: false);
            await EndAsync(tally, $"It could not go on: {StorageFailure.Explain(exception, options.DataPath)}");
        }
        catch (Exception exception) // Tried again each minute, it would fail each minute, and no other check could be started.
        {
            LogGivenUp(logger, exception);
            NcrMetrics.IntegrityEnded(succeeded: false);
            await EndAsync(tally, $"It could not go on: {exception.Message} The server's log says more.");
        }
        finally
        {
            lock (_lock)
            {
                _stop = null;
            }

            _tally = null;
            events.Announce(new Change(EventTypes.IntegrityRun, null, null));
        }
    }

    private async Task EndAsync(IntegrityTally tally, string? error)
    {
        await SaveAsync(tally, clock.GetUtcNow().UtcDateTime, error, CancellationToken.None);
        LogEnded(logger, tally.Blobs, tally.Manifests, tally.Damaged, error ?? "");
    }

    private async Task SaveAsync(IntegrityTally tally, DateTime? endedAt, string? error, CancellationToken cancellationToken)
    {
        var (id, position, blobs, bytes, manifests, damaged) = (tally.RunId, tally.Position, tally.Blobs, tally.DoneBytes, tally.Manifests, tally.Damaged);
        await writes.RunAsync(
            (db, token) => db.IntegrityRuns.Where(r => r.Id == id).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.Position, position).SetProperty(r => r.Blobs, blobs).SetProperty(r => r.Bytes, bytes).SetProperty(r => r.Manifests, manifests)
                    .SetProperty(r => r.Damaged, damaged).SetProperty(r => r.EndedAt, endedAt).SetProperty(r => r.Error, error),
                token),
            cancellationToken);
    }

    private async Task TryAsync(Func<Task> work, CancellationToken stoppingToken)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception exception) // Whatever it is: the next round tries anew, and the server goes on.
        {
            if (failures.Report(exception) is null)
            {
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "A {Kind} check of the content begins after blob {Position}")]
    private static partial void LogStarted(ILogger logger, string kind, long position);

    [LoggerMessage(LogLevel.Information, "The check of the content has ended: {Blobs} blobs and {Manifests} manifests, {Damaged} damaged. {Error}")]
    private static partial void LogEnded(ILogger logger, int blobs, int manifests, int damaged, string error);

    [LoggerMessage(LogLevel.Error, "The check of the content could not go on, and was ended")]
    private static partial void LogGivenUp(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "The check of the content failed; it is tried again in a minute")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
