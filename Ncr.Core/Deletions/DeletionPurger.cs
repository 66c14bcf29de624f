using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;

namespace Ncr.Core.Deletions;

/// <summary>Deletes for good what nobody restored in time, in small transactions, and leaves its content to collection.</summary>
internal sealed partial class DeletionPurger(
    IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, EventLog events, StorageFailureLog failures, NcrOptions options, TimeProvider clock, ILogger<DeletionPurger> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Artifacts in one transaction: few enough that a push behind it waits for some milliseconds only.</summary>
    private const int StepSize = 50;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await PurgeExpiredAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                if (failures.Report(exception) is null)
                {
                    LogFailed(logger, exception); // The next round tries again.
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task PurgeExpiredAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long? id;
            await using (var db = await dbFactory.CreateDbContextAsync(cancellationToken))
            {
                var now = clock.GetUtcNow().UtcDateTime;
                id = await db.Deletions.Where(d => d.ExpiresAt <= now).OrderBy(d => d.ExpiresAt).ThenBy(d => d.Id).Select(d => (long?)d.Id).FirstOrDefaultAsync(cancellationToken);
            }

            if (id is null)
            {
                return;
            }

            await PurgeAsync(id.Value, cancellationToken);
        }
    }

    /// <summary>After a deletion was committed: where nothing is to be restored, it is for good.</summary>
    public Task FollowAsync(Deletion? deletion) =>
        deletion is not null && options.Deletion.RestoreTime == TimeSpan.Zero ? PurgeAsync(deletion.Id, CancellationToken.None) : Task.CompletedTask;

    /// <summary>Deletes one for good; what a crash leaves half done, the next round ends.</summary>
    public async Task PurgeAsync(long deletionId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;

        // From here on nobody can restore it any more.
        await writes.RunAsync((db, token) => db.Deletions.Where(d => d.Id == deletionId && d.ExpiresAt > now).ExecuteUpdateAsync(s => s.SetProperty(d => d.ExpiresAt, now), token), cancellationToken);
        List<long> inner;
        long? registryId;
        await using (var db = await dbFactory.CreateDbContextAsync(cancellationToken))
        {
            registryId = await db.Registries.Where(r => r.DeletionId == deletionId).Select(r => (long?)r.Id).FirstOrDefaultAsync(cancellationToken);
            inner = await db.Images.Where(i => i.RegistryId == registryId && i.DeletionId != deletionId).Select(i => i.DeletionId!.Value).Distinct().ToListAsync(cancellationToken);
        }

        // What had been deleted in a registry before it was deleted itself.
        foreach (var earlier in inner)
        {
            await PurgeAsync(earlier, cancellationToken);
        }

        while (await writes.RunAsync((db, token) => PurgeStepAsync(db, deletionId, token), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        await writes.RunAsync(
            async (db, token) =>
            {
                await db.Registries.Where(r => r.DeletionId == deletionId).ExecuteDeleteAsync(token);
                return await db.Deletions.Where(d => d.Id == deletionId).ExecuteDeleteAsync(token);
            },
            cancellationToken);
        events.Announce(new Change(EventTypes.DeletionEnded, null, null));
    }

    /// <returns>Whether there is more.</returns>
    private async Task<bool> PurgeStepAsync(NcrDbContext db, long deletionId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        if (await db.Images.Where(i => i.DeletionId == deletionId).OrderBy(i => i.Id).Select(i => (long?)i.Id).FirstOrDefaultAsync(cancellationToken) is not { } imageId)
        {
            return false;
        }

        var artifacts = await db.Artifacts.Where(a => a.ImageId == imageId).OrderBy(a => a.Id).Take(StepSize).Select(a => new { a.Id, a.Digest }).ToListAsync(cancellationToken);
        foreach (var artifact in artifacts)
        {
            await CollectionQueue.AddForArtifactAsync(db, artifact.Id, now);
            await db.Sql.ExecuteAsync("""DELETE FROM "Tags" WHERE "ArtifactId" = @0""", artifact.Id);
            await db.Sql.ExecuteAsync("""DELETE FROM "Artifacts" WHERE "Id" = @0""", artifact.Id);
            await db.Sql.ExecuteAsync("""DELETE FROM "Manifests" WHERE "Digest" = @0 AND NOT EXISTS (SELECT 1 FROM "Artifacts" WHERE "Digest" = @0)""", artifact.Digest);
        }

        if (artifacts.Count < StepSize)
        {
            await CollectionQueue.AddForImageAsync(db, imageId, now);
            await db.Images.Where(i => i.Id == imageId).ExecuteDeleteAsync(cancellationToken);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Error, "Deleting for good what nobody restored failed; it is tried again each minute, and its content takes room until then")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
