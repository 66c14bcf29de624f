using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// Finds content that no row names: a crash between the move of a file and the commit of its row leaves it. Nobody can be reading it. It goes
/// slowly round the storage, one of its parts at a time, each about once a day.
/// </summary>
internal sealed partial class OrphanSweeper(
    IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, IBlobStore store, PendingCommits pending, ContentHold hold, NcrOptions options, TimeProvider clock, ILogger<OrphanSweeper> logger)
{
    internal const int Parts = 256;
    private const int StepSize = 200;

    private static readonly TimeSpan PartInterval = TimeSpan.FromDays(1) / Parts;
    private readonly HashSet<string> _failed = [];
    private long _lastPart = clock.GetTimestamp();
    private int _nextPart;

    public async Task RunAsync(CollectionRound round, CancellationToken cancellationToken)
    {
        if (round.IsWhole)
        {
            for (var part = 0; part < Parts; part++)
            {
                round.Report(CollectionPhase.Orphans, part, Parts);
                await SweepAsync(round, (byte)part, cancellationToken);
            }
        }
        else if (clock.GetElapsedTime(_lastPart) >= PartInterval)
        {
            _lastPart = clock.GetTimestamp();
            var part = (byte)(_nextPart++ % Parts);
            await SweepAsync(round, part, cancellationToken);
        }
    }

    private async Task SweepAsync(CollectionRound round, byte part, CancellationToken cancellationToken)
    {
        var before = round.Now - options.Collection.Grace;
        var old = new List<StoredItem>(StepSize);
        await foreach (var item in store.ListContentAsync(part, cancellationToken))
        {
            if (item.WrittenAt <= before)
            {
                old.Add(item);
            }

            if (old.Count == StepSize)
            {
                await CheckAsync(round, old, cancellationToken);
                old.Clear();
            }
        }

        await CheckAsync(round, old, cancellationToken);
    }

    private async Task CheckAsync(CollectionRound round, List<StoredItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return;
        }

        // Most have their row, and reading disturbs nobody.
        var suspects = await FindUnnamedAsync(items, cancellationToken);
        if (suspects.Count == 0)
        {
            return;
        }

        // A file may be older than its row: an upload that took long, and was completed just now. Once those under way have ended, what
        // still has no row will never get one, since each upload has its own place (rule C2).
        await pending.WhenEndedAsync(cancellationToken);
        suspects = await writes.RunAsync((db, token) => FindUnnamedAsync(db, suspects, token), cancellationToken);
        if (hold.IsHeld)
        {
            return; // The next sweep finds them again.
        }

        foreach (var orphan in suspects)
        {
            if (round.IsDryRun || await TryDeleteAsync(round, orphan, cancellationToken))
            {
                round.AddOrphan(orphan.Length);
            }
        }

        await round.PaceAsync(suspects.Count, cancellationToken);
    }

    private async Task<List<StoredItem>> FindUnnamedAsync(List<StoredItem> items, CancellationToken cancellationToken)
    {
        await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
        return await FindUnnamedAsync(db, items, cancellationToken);
    }

    private static async Task<List<StoredItem>> FindUnnamedAsync(NcrDbContext db, List<StoredItem> items, CancellationToken cancellationToken)
    {
        var names = items.Select(i => i.Name).ToArray();
        var named = await db.Blobs.Where(b => names.Contains(b.Location)).Select(b => b.Location)
            .Concat(db.DiscardedContent.Where(c => names.Contains(c.Location)).Select(c => c.Location))
            .ToListAsync(cancellationToken);
        return [.. items.ExceptBy(named, i => i.Name)];
    }

    private async Task<bool> TryDeleteAsync(CollectionRound round, StoredItem orphan, CancellationToken cancellationToken)
    {
        try
        {
            await store.DeleteAsync(orphan.Name, cancellationToken);
            LogDeleted(logger, orphan.Name, orphan.Length);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            if (_failed.Add(orphan.Name))
            {
                LogNotDeleted(logger, orphan.Name, exception.Message);
                round.Fail($"The file {orphan.Name}, which no row names, could not be deleted: {exception.Message} See that the server may delete files in its data folder; it is tried again by itself.");
            }

            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Deleted the content {Location} of {Length} bytes, which no row names: a crash left it")]
    private static partial void LogDeleted(ILogger logger, string location, long length);

    [LoggerMessage(LogLevel.Error, "The content {Location}, which no row names, could not be deleted: {Reason} See that this user may delete files in the data folder. It is tried again each day, and said only once")]
    private static partial void LogNotDeleted(ILogger logger, string location, string reason);
}
