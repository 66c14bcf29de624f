using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// When pushes last asked for a blob of an image: what was answered "it is here" must stay until the manifest that names it comes. Kept in
/// memory, where the collector looks too, and written behind. A crash loses the last of it, so the next start holds everything for the grace time.
/// </summary>
internal sealed partial class BlobUses(
    WriteGate writes, UsesState state, NcrOptions options, StorageFailureLog failures, TimeProvider clock, ILogger<BlobUses> logger) : BackgroundService
{
    internal const int MaxUses = 100_000;
    private const int WrittenAtOnce = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<(long ImageId, long BlobId), Use> _uses = new();

    /// <summary>A link in steady use is written no more often than this.</summary>
    private readonly TimeSpan _rewriteAfter = Shorter(TimeSpan.FromMinutes(5), options.Collection.Grace / 4);

    /// <summary>Without a server it is what the last one left.</summary>
    private long _heldUntil = (state.Read(clock.GetUtcNow().UtcDateTime, options.Collection.Grace) ?? default).Ticks;

    private bool _isStarted;
    private bool _isMarked;
    private long _version;
    private int _count;
    private BlobClaim? _claim;

    /// <summary>Until then every link counts as used: uses may have been lost.</summary>
    public DateTime HeldUntil => new(Interlocked.Read(ref _heldUntil), DateTimeKind.Utc);

    /// <summary>Changes whenever something may have been collected. Take it before looking a blob up.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Notes that a push asked for a blob of an image.</summary>
    /// <param name="version">From before the blob was looked up.</param>
    /// <returns>False when it may have been collected since, which is decided by now: look again.</returns>
    public async ValueTask<bool> AddAsync(long imageId, long blobId, long version)
    {
        Remember((imageId, blobId), clock.GetUtcNow().UtcTicks);

        // First the use, then the look at what is being collected; the collector claims first and then looks at the uses. So one of both sees the other.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _claim) is { } claim && claim.Covers(imageId, blobId))
        {
            await claim.Ended;
        }

        return version == Version;
    }

    /// <summary>When it was last asked for; null when memory knows of no use, and then the row is right.</summary>
    public DateTime? Find(long imageId, long blobId) =>
        _uses.TryGetValue((imageId, blobId), out var use) ? new DateTime(Interlocked.Read(ref use.UsedTicks), DateTimeKind.Utc) : null;

    /// <summary>Makes known which links are about to be judged, until it is disposed of.</summary>
    public BlobClaim Claim(IEnumerable<(long ImageId, long BlobId)> links)
    {
        var claim = new BlobClaim(links, End);
        Interlocked.Exchange(ref _claim, claim);
        return claim;
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Hold(Shorter(options.Collection.Grace, TimeSpan.FromMinutes(10)));
        _isStarted = true;
        _isMarked = state.TryBegin();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                _isMarked = _isMarked || state.TryBegin();
                await FlushAsync(everything: false);
            }
        }
        catch (OperationCanceledException)
        {
            await FlushAsync(everything: true);
        }
    }

    /// <summary>Writes all that is left. After the last request.</summary>
    public async Task EndAsync()
    {
        if (_isStarted && await FlushAsync(everything: true))
        {
            state.End(HeldUntil > clock.GetUtcNow().UtcDateTime ? HeldUntil : null);
        }
    }

    /// <summary>Writes what is due, and forgets what was written and is no longer in use.</summary>
    /// <returns>False when something could not be written.</returns>
    internal async Task<bool> FlushAsync(bool everything)
    {
        var now = clock.GetUtcNow().UtcTicks;
        everything |= _uses.Count > MaxUses / 2;
        var due = new List<(long ImageId, long BlobId, long Ticks)>();
        foreach (var (key, use) in _uses)
        {
            var (used, written) = (Interlocked.Read(ref use.UsedTicks), use.WrittenTicks);
            var isIdle = now - used >= _rewriteAfter.Ticks;
            if (used > written && (everything || written == 0 || isIdle || used - written >= _rewriteAfter.Ticks))
            {
                due.Add((key.ImageId, key.BlobId, used));
            }
            else if (isIdle && used == written)
            {
                Forget(key, use);
            }
        }

        foreach (var part in due.Chunk(WrittenAtOnce))
        {
            if (!await TryWriteAsync(part))
            {
                return false;
            }

            foreach (var (imageId, blobId, ticks) in part)
            {
                if (_uses.TryGetValue((imageId, blobId), out var use))
                {
                    use.WrittenTicks = ticks;
                    if (everything)
                    {
                        Forget((imageId, blobId), use);
                    }
                }
            }
        }

        return true;
    }

    private async Task<bool> TryWriteAsync((long ImageId, long BlobId, long Ticks)[] uses)
    {
        try
        {
            await writes.RunAsync(
                async (db, _) =>
                {
                    foreach (var (imageId, blobId, ticks) in uses)
                    {
                        await db.Sql.ExecuteAsync("""UPDATE "ImageBlobs" SET "UsedAt" = @0 WHERE "ImageId" = @1 AND "BlobId" = @2""", new DateTime(ticks, DateTimeKind.Utc), imageId, blobId);
                    }

                    return true;
                },
                CancellationToken.None);
            return true;
        }
        catch (Exception exception) // They stay in memory, where the collector finds them; the next round tries again.
        {
            if (failures.Report(exception) is null)
            {
                LogFailed(logger, exception);
            }

            return false;
        }
    }

    private void Remember((long ImageId, long BlobId) key, long ticks)
    {
        while (true)
        {
            if (!_uses.TryGetValue(key, out var use))
            {
                if (Volatile.Read(ref _count) >= MaxUses)
                {
                    Hold(options.Collection.Grace); // No room to say which: then all of them are in use.
                    return;
                }

                use = new Use();
                if (!_uses.TryAdd(key, use))
                {
                    continue;
                }

                Interlocked.Increment(ref _count);
            }

            lock (use)
            {
                if (!use.IsForgotten)
                {
                    Interlocked.Exchange(ref use.UsedTicks, Math.Max(use.UsedTicks, ticks));
                    return;
                }
            }
        }
    }

    private void End(BlobClaim claim)
    {
        if (!claim.IsEmpty)
        {
            Interlocked.Increment(ref _version);
        }

        Interlocked.CompareExchange(ref _claim, null, claim);
    }

    private void Forget((long ImageId, long BlobId) key, Use use)
    {
        lock (use)
        {
            if (use.UsedTicks == use.WrittenTicks && _uses.TryRemove(KeyValuePair.Create(key, use)))
            {
                use.IsForgotten = true;
                Interlocked.Decrement(ref _count);
            }
        }
    }

    private void Hold(TimeSpan time)
    {
        var until = (clock.GetUtcNow().UtcDateTime + time).Ticks;
        if (until > Interlocked.Read(ref _heldUntil))
        {
            Interlocked.Exchange(ref _heldUntil, until);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(LogLevel.Warning, "The times at which pushes asked for blobs could not be written; they stay in memory")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed class Use
    {
        public long UsedTicks;
        public long WrittenTicks;
        public bool IsForgotten;
    }
}
