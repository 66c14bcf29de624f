using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Events;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Blobs.Integrity;

/// <summary>
/// Notes which blobs have lost their content, and which have it back. A damaged blob counts as absent for pulls and pushes, so that the next
/// push brings it again; what is left of it is set aside and never deleted.
/// </summary>
internal sealed partial class DamageRecorder(
    IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, IBlobStore store, EventLog events, TimeProvider clock, ILogger<DamageRecorder> logger)
{
    /// <summary>
    /// When none of this many others at each end is there, it is not the content that is lost but the disk that is not mounted. The oldest tell that
    /// from a single loss; the newest come anew when all of it was lost for good, and with the first of them the rest can be marked and repaired.
    /// </summary>
    private const int SamplesAtEachEnd = 10;

    private const int FewestSamples = 3;
    private const int IoError = 5;

    /// <summary>Marks a blob damaged, once, and sets its content aside.</summary>
    /// <param name="location">Where its content was: after a repair it is elsewhere, and the finding is void.</param>
    /// <returns>False when it was known, or is no longer there.</returns>
    /// <exception cref="DirectoryNotFoundException">All content seems to be missing: nothing is marked.</exception>
    /// <exception cref="IOException">No content can be read: nothing is marked.</exception>
    public async Task<bool> MarkAsync(long blobId, Digest digest, string location, ContentReport report, CancellationToken cancellationToken)
    {
        if (report.State is ContentState.Missing or ContentState.Unreadable)
        {
            await RequireOthersAsync(blobId, report, cancellationToken);
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var marked = await writes.RunAsync(
            async (db, token) =>
            {
                var rows = await db.Blobs.Where(b => b.Id == blobId && b.Location == location && b.DamagedAt == null)
                    .ExecuteUpdateAsync(s => s.SetProperty(b => b.DamagedAt, now).SetProperty(b => b.Damage, report.Explanation), token);
                if (rows > 0)
                {
                    events.Add(db, Actor.System, EventTypes.ContentDamaged, digest: digest.ToString(), details: report.Explanation);
                    db.TouchAll(); // Any image may have it.
                }

                return rows > 0;
            },
            cancellationToken);
        if (!marked)
        {
            return false;
        }

        NcrMetrics.DamageFound();
        var aside = report.State is ContentState.WrongLength or ContentState.WrongDigest ? await store.SetAsideAsync(location, cancellationToken) : null;
        LogDamaged(logger, digest.ToString(), location, report.Explanation, aside is null ? "" : $" What is left was moved to {aside}.");
        events.Announce(new Change(EventTypes.ContentDamaged, null, null));
        return true;
    }

    /// <summary>A damaged blob's content is right again.</summary>
    public async Task<bool> ClearAsync(long blobId, Digest digest, string location, CancellationToken cancellationToken)
    {
        var cleared = await writes.RunAsync(
            async (db, token) =>
            {
                var rows = await db.Blobs.Where(b => b.Id == blobId && b.Location == location && b.DamagedAt != null)
                    .ExecuteUpdateAsync(s => s.SetProperty(b => b.DamagedAt, (DateTime?)null).SetProperty(b => b.Damage, (string?)null), token);
                if (rows > 0)
                {
                    events.Add(db, Actor.System, EventTypes.ContentRestored, digest: digest.ToString());
                    db.TouchAll();
                }

                return rows > 0;
            },
            cancellationToken);
        if (cleared)
        {
            LogRestored(logger, digest.ToString());
            events.Announce(new Change(EventTypes.ContentRestored, null, null));
        }

        return cleared;
    }

    private async Task RequireOthersAsync(long blobId, ContentReport report, CancellationToken cancellationToken)
    {
        List<string> others;
        await using (var db = await dbFactory.CreateDbContextAsync(cancellationToken))
        {
            var whole = db.Blobs.Where(b => b.Id != blobId && b.DamagedAt == null);
            others = await whole.OrderBy(b => b.Id).Take(SamplesAtEachEnd).Select(b => b.Location).ToListAsync(cancellationToken);
            others = [.. others.Union(await whole.OrderByDescending(b => b.Id).Take(SamplesAtEachEnd).Select(b => b.Location).ToListAsync(cancellationToken))];
        }

        var hasFailed = false;
        foreach (var location in others)
        {
            var isThere = await IsThereAsync(location, report.State == ContentState.Unreadable, cancellationToken);
            if (isThere == true)
            {
                return;
            }

            hasFailed |= isThere is null;
        }

        // Of one that can't be read, nothing else is known: without another that can be, it is the disk. Of one that is missing, the disk said so.
        if (report.State == ContentState.Unreadable)
        {
            throw new IOException($"No other content can be read either. {report.Explanation}", IoError); // Recognised as the disk's fault.
        }

        if (others.Count >= FewestSamples || hasFailed)
        {
            throw new DirectoryNotFoundException($"None of {others.Count} other blobs has its content either.");
        }
    }

    /// <returns>Null when that can't be told.</returns>
    private async Task<bool?> IsThereAsync(string location, bool read, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await store.OpenToCheckAsync(location, cancellationToken);
            if (content is not null && read)
            {
                await content.ReadAsync(new byte[1], 0, cancellationToken);
            }

            return content is not null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // Its folder is missing, or the disk fails here too.
        }
    }

    [LoggerMessage(LogLevel.Error, "The content of {Digest} at {Location} is damaged: {Explanation}{Aside} Push it again, or restore it from a backup (docs/integrity.md)")]
    private static partial void LogDamaged(ILogger logger, string digest, string location, string explanation, string aside);

    [LoggerMessage(LogLevel.Information, "The content of {Digest} is whole again")]
    private static partial void LogRestored(ILogger logger, string digest);
}
