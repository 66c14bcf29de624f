using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Blobs.Collection;

/// <summary>Carries out rounds of collection, one at a time. A person's round goes first: the server's own ends after its current step.</summary>
internal sealed class Collector(
    IDbContextFactory<NcrDbContext> dbFactory,
    LinkCollector links,
    ContentRemover contents,
    UploadCleaner uploads,
    OrphanSweeper orphans,
    BlobUses uses,
    CollectionHistory history,
    ChangeFeed feed,
    NcrOptions options,
    TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _busy = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SparingReader<Reclaimable> _reclaimable = new(token => ReadReclaimableAsync(dbFactory, uses, clock.GetUtcNow().UtcDateTime, options, token), clock);
    private int _waiting;
    private CollectionProgress? _running;

    /// <summary>Null when none is running.</summary>
    public CollectionProgress? Running => Volatile.Read(ref _running);

    /// <summary>Whether clients are served by this process; else no content can be in use.</summary>
    public bool IsServing { get; set; }

    /// <summary>The server's own round.</summary>
    public async Task RunOwnAsync(CancellationToken cancellationToken)
    {
        await _busy.WaitAsync(cancellationToken);
        try
        {
            var round = NewRound(null, isDryRun: false, null);
            try
            {
                await RunPhasesAsync(round, cancellationToken);
            }
            finally
            {
                if (round.HasFreed || round.Error is not null)
                {
                    await history.AddAsync(round.ToRow(round.Now), CancellationToken.None);
                }
            }
        }
        finally
        {
            End();
        }
    }

    /// <summary>The round that a person asked for.</summary>
    /// <returns>Null when another person's round is running.</returns>
    public async Task<CollectionRunRow?> RunAskedAsync(string actor, bool isDryRun, IProgress<CollectionProgress>? progress, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > 1)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            await _busy.WaitAsync(ending.Token);
            try
            {
                return await RunRecordedAsync(NewRound(actor, isDryRun, progress), ending.Token);
            }
            finally
            {
                End();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Ends what is running after its current step.</summary>
    public void Stop() => _stopping.Cancel();

    public void Dispose()
    {
        _stopping.Dispose();
        _busy.Dispose();
    }

    private async Task<CollectionRunRow> RunRecordedAsync(CollectionRound round, CancellationToken cancellationToken)
    {
        round.Id = await history.AddAsync(round.ToRow(null), cancellationToken);
        try
        {
            if (round.IsDryRun)
            {
                await CountAsync(round, cancellationToken);
            }
            else
            {
                await RunPhasesAsync(round, cancellationToken);
            }
        }
        catch (Exception exception)
        {
            round.Fail(exception is OperationCanceledException ? "It was stopped before its end; what was freed stays freed." : exception.Message);
            await history.UpdateAsync(round.ToRow(exception is OperationCanceledException ? null : round.Now), CancellationToken.None);
            throw;
        }

        var row = round.ToRow(round.Now);
        await history.UpdateAsync(row, CancellationToken.None);
        return row;
    }

    private async Task RunPhasesAsync(CollectionRound round, CancellationToken cancellationToken)
    {
        var isDone = false;
        try
        {
            await RunEachAsync(round, cancellationToken);
            isDone = true;
        }
        finally
        {
            if (isDone || !cancellationToken.IsCancellationRequested)
            {
                NcrMetrics.CollectionEnded(isDone && round.Error is null, round.Length);
            }
        }
    }

    private async Task RunEachAsync(CollectionRound round, CancellationToken cancellationToken)
    {
        var total = round.StartedBy is null ? 0 : (int)Math.Min(int.MaxValue, (await ReadReclaimableAsync(round, cancellationToken)).Now.Count);
        await links.RunAsync(round, total, cancellationToken);
        await contents.RunAsync(round, cancellationToken);
        await uploads.RunAsync(round, cancellationToken);
        await orphans.RunAsync(round, cancellationToken);
        var left = await _reclaimable.GetAsync(cancellationToken);
        NcrMetrics.SetReclaimable(left.Now.Bytes + left.Later.Bytes);
    }

    private async Task CountAsync(CollectionRound round, CancellationToken cancellationToken)
    {
        round.Report(CollectionPhase.Blobs, 0, 0);
        var now = (await ReadReclaimableAsync(round, cancellationToken)).Now;
        round.AddBlobs((int)Math.Min(int.MaxValue, now.Count), now.Bytes);
        await uploads.RunAsync(round, cancellationToken);
        await orphans.RunAsync(round, cancellationToken);
    }

    private Task<Reclaimable> ReadReclaimableAsync(CollectionRound round, CancellationToken cancellationToken) =>
        ReadReclaimableAsync(dbFactory, uses, round.Now, options, cancellationToken);

    private static async Task<Reclaimable> ReadReclaimableAsync(
        IDbContextFactory<NcrDbContext> dbFactory, BlobUses uses, DateTime now, NcrOptions options, CancellationToken cancellationToken)
    {
        await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
        return await Reclaimable.ReadAsync(db, uses, now, options.Collection.Grace, cancellationToken);
    }

    private CollectionRound NewRound(string? startedBy, bool isDryRun, IProgress<CollectionProgress>? progress)
    {
        void Report(CollectionProgress at)
        {
            Volatile.Write(ref _running, at);
            progress?.Report(at);
            if (startedBy is not null)
            {
                feed.Publish(new Change(EventTypes.StorageCollected, null, null));
            }
        }

        return new CollectionRound(options.Collection, clock, Report)
        {
            StartedBy = startedBy,
            IsDryRun = isDryRun,
            IsWhole = startedBy is not null,
            IsServing = IsServing,
            IsUnwanted = startedBy is null ? () => Volatile.Read(ref _waiting) > 0 : () => false,
        };
    }

    private void End()
    {
        Volatile.Write(ref _running, null);
        _busy.Release();
        feed.Publish(new Change(EventTypes.StorageCollected, null, null));
    }
}
