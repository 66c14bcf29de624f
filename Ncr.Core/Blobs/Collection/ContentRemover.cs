using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// The second step of a deletion: takes content off the storage whose row went a moment ago. Its location is never used again (rule C2), so
/// nothing that happens meanwhile, such as a new upload of the same digest, has to do with it. After a crash it is simply done again.
/// </summary>
internal sealed partial class ContentRemover(
    IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, IBlobStore store, ContentHold hold, NcrOptions options, ILogger<ContentRemover> logger)
{
    private const int StepSize = 100;
    private const int MaxRemembered = 10_000;

    private readonly HashSet<long> _failed = [];

    public async Task RunAsync(CollectionRound round, CancellationToken cancellationToken)
    {
        var before = round.IsServing ? round.Now - options.Collection.ReadDelay : DateTime.MaxValue;
        var (lastId, done) = (0L, 0);
        while (!round.IsUnwanted())
        {
            var due = await ReadDueAsync(before, lastId, cancellationToken);
            if (due.Count == 0 || hold.IsHeld)
            {
                return;
            }

            lastId = due[^1].Id;
            var deleted = new List<long>(due.Count);
            foreach (var content in due)
            {
                if (await TryDeleteAsync(round, content, cancellationToken))
                {
                    deleted.Add(content.Id);
                }
            }

            if (deleted.Count > 0)
            {
                await writes.RunAsync((db, token) => db.DiscardedContent.Where(c => deleted.Contains(c.Id)).ExecuteDeleteAsync(token), cancellationToken);
            }

            done += due.Count;
            round.Report(CollectionPhase.Content, done, 0);
            await round.PaceAsync(0, cancellationToken);
        }
    }

    private async Task<List<DiscardedContent>> ReadDueAsync(DateTime before, long afterId, CancellationToken cancellationToken)
    {
        await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.DiscardedContent.Where(c => c.Id > afterId && c.DiscardedAt <= before).OrderBy(c => c.Id).Take(StepSize).ToListAsync(cancellationToken);
    }

    private async Task<bool> TryDeleteAsync(CollectionRound round, DiscardedContent content, CancellationToken cancellationToken)
    {
        try
        {
            await store.DeleteAsync(content.Location, cancellationToken);
            _failed.Remove(content.Id);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Said once: it is tried again each round.
            if (_failed.Count < MaxRemembered && _failed.Add(content.Id))
            {
                LogNotDeleted(logger, content.Location, exception.Message);
                round.Fail($"The content {content.Location} could not be deleted: {exception.Message} See that the server may delete files in its data folder; it is tried again by itself.");
            }

            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "The content {Location}, which no blob needs any more, could not be deleted: {Reason} See that this user may delete files in the data folder. It is tried again each round, and said only once")]
    private static partial void LogNotDeleted(ILogger logger, string location, string reason);
}
