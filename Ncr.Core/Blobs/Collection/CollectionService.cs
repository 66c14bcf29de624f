using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Paging;

namespace Ncr.Core.Blobs.Collection;

/// <summary>Collection as administrators see it: what could be freed, what was, and a round on demand.</summary>
public sealed class CollectionService
{
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly Collector _collector;
    private readonly CollectionHistory _history;
    private readonly UploadCleaner _uploads;
    private readonly BlobUses _uses;
    private readonly DiskSpace _disk;
    private readonly NcrOptions _options;
    private readonly TimeProvider _clock;
    private readonly SparingReader<StoredAmount> _stored;
    private readonly SparingReader<CollectionStatus> _status;

    internal CollectionService(
        IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, EventLog events, Collector collector, CollectionHistory history,
        UploadCleaner uploads, BlobUses uses, DiskSpace disk, NcrOptions options, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _events = events;
        _collector = collector;
        _history = history;
        _uploads = uploads;
        _uses = uses;
        _disk = disk;
        _options = options;
        _clock = clock;
        _stored = new SparingReader<StoredAmount>(CountStoredAsync, clock);
        _status = new SparingReader<CollectionStatus>(ReadStatusAsync, clock);
    }

    /// <summary>How long a blob stays after its last use.</summary>
    public TimeSpan Grace => _options.Collection.Grace;

    /// <summary>How long an upload may lie untouched.</summary>
    public TimeSpan UploadLifetime => _options.Collection.UploadLifetime;

    /// <summary>What could be freed now and later, and whether a round is running.</summary>
    public async Task<CollectionStatus> GetStatusAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        return await _status.GetAsync(cancellationToken) with { Running = _collector.Running };
    }

    /// <summary>What is stored, and the room left. The figures may be some seconds old.</summary>
    public async Task<StorageFigures> GetFiguresAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        var stored = await _stored.GetAsync(cancellationToken);
        var (free, size) = _disk.Read();
        return free < 0 ? new StorageFigures(stored, null, null) : new StorageFigures(stored, free, size);
    }

    /// <summary>The rounds that freed something or that a person asked for, the last one first.</summary>
    public async Task<PageOf<CollectionRunRow>> ListRunsAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        return await _history.ListAsync(page, cancellationToken);
    }

    /// <summary>
    /// Collects now all that may go, and looks everywhere for files that no row names. The grace time holds here too. While the server runs, content
    /// follows its rows a minute later; without one it goes at once.
    /// </summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="dryRun">Whether only to count what would be freed.</param>
    /// <param name="progress">Told of each step; null when nobody wants to know.</param>
    /// <param name="cancellationToken">Ends it after its current step; what was freed stays freed.</param>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: another person's round is running.</exception>
    public async Task<CollectionRunRow> CollectAsync(Actor actor, bool dryRun, IProgress<CollectionProgress>? progress, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        var row = await _collector.RunAskedAsync(actor.Name, dryRun, progress, cancellationToken)
            ?? throw new NcrException(NcrError.Conflict, "A collection is running already. Wait until it has ended; it frees all that may go.");
        if (!dryRun)
        {
            await _writes.RunAsync(
                (db, _) =>
                {
                    _events.Add(db, actor, EventTypes.StorageCollected, details: $"{row.Blobs} blobs, {row.Uploads} uploads, {row.Orphans} orphans, {row.Bytes} bytes");
                    return Task.FromResult(true);
                },
                CancellationToken.None);
        }

        _stored.Forget();
        _status.Forget();
        _events.Announce(new Change(EventTypes.StorageCollected, null, null));
        return row;
    }

    private async Task<CollectionStatus> ReadStatusAsync(CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var found = await Reclaimable.ReadAsync(db, _uses, now, Grace, cancellationToken);
        var discarded = new StoredAmount(
            await db.DiscardedContent.LongCountAsync(cancellationToken),
            await db.DiscardedContent.SumAsync(c => c.Size, cancellationToken));
        var uploads = await _uploads.CountAsync(now, cancellationToken);
        return new CollectionStatus(found.Now, found.Later, found.NextAt, found.LastAt, uploads, discarded, now < _uses.HeldUntil ? _uses.HeldUntil : null, null);
    }

    private async Task<StoredAmount> CountStoredAsync(CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return new StoredAmount(await db.Blobs.LongCountAsync(cancellationToken), await db.Blobs.SumAsync(b => b.Size, cancellationToken));
    }
}
