using Microsoft.EntityFrameworkCore;
using Ncr.Core.Backups;
using Ncr.Core.Data;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Blobs.Integrity;

/// <summary>One walk through all blobs by id, then through all manifests. It may stop anywhere and go on from there.</summary>
internal sealed class IntegrityCheck(IDbContextFactory<NcrDbContext> dbFactory, IBlobStore store, DamageRecorder damage, TimeProvider clock)
{
    private const int BlobStep = 200;
    private const int ManifestStep = 50;
    private const int MaxNamed = 20;

    /// <summary>A cable, a network or a controller that failed for a moment has come back by then.</summary>
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(2);

    /// <param name="tally">Where to begin; kept up as it goes.</param>
    /// <param name="pacer">Slows the reading.</param>
    /// <param name="save">Called after each blob; it decides itself how often it writes.</param>
    /// <param name="show">Called more often: something was read.</param>
    /// <param name="cancellationToken">Stops it between two pieces of content.</param>
    public async Task RunAsync(IntegrityTally tally, Pacer pacer, Func<CancellationToken, Task> save, Action show, CancellationToken cancellationToken)
    {
        if (!tally.IsQuick && tally.Position == 0 && await CheckDatabaseAsync(cancellationToken) is { } faults)
        {
            tally.AddTrouble($"The database is damaged: {faults} Restore it from a backup.");
        }

        long last;
        await using (var db = await dbFactory.CreateDbContextAsync(cancellationToken))
        {
            last = await db.Blobs.MaxAsync(b => (long?)b.Id, cancellationToken) ?? 0; // What comes later was hashed when it came.
            tally.TotalBytes = tally.Bytes + await db.Blobs.Where(b => b.Id > tally.Position && b.Id <= last).SumAsync(b => b.Size, cancellationToken);
        }

        while (await ReadStepAsync(tally.Position, last, cancellationToken) is { Count: > 0 } step)
        {
            foreach (var blob in step)
            {
                await CheckBlobAsync(blob, tally, pacer, show, cancellationToken);
                tally.Position = blob.Id;
                await save(cancellationToken);
            }
        }

        if (!tally.IsQuick)
        {
            await CheckManifestsAsync(tally, pacer, save, cancellationToken);
        }
    }

    /// <summary>Looks again at what is known to be damaged: a backup may have been put back.</summary>
    /// <returns>How many are whole again.</returns>
    public async Task<int> RecheckAsync(Pacer pacer, CancellationToken cancellationToken)
    {
        var restored = 0;
        var position = 0L;
        while (true)
        {
            List<StoredBlob> step;
            await using (var db = await dbFactory.CreateDbContextAsync(cancellationToken))
            {
                step = await db.Blobs.Where(b => b.DamagedAt != null && b.Id > position).OrderBy(b => b.Id).Take(BlobStep)
                    .Select(b => new StoredBlob(b.Id, b.Digest, b.Size, b.Location, true)).ToListAsync(cancellationToken);
            }

            if (step.Count == 0)
            {
                return restored;
            }

            foreach (var blob in step)
            {
                position = blob.Id;
                if (FindDigest(blob) is { } digest)
                {
                    var report = await ReadAsync(blob, digest, isQuick: false, pacer, count: null, cancellationToken);
                    restored += report.IsWhole && await damage.ClearAsync(blob.Id, digest, blob.Location, cancellationToken) ? 1 : 0;
                }
            }
        }
    }

    private async Task CheckBlobAsync(StoredBlob blob, IntegrityTally tally, Pacer pacer, Action show, CancellationToken cancellationToken)
    {
        if (FindDigest(blob) is not { } digest)
        {
            tally.Damaged++;
            tally.AddWrongRow(blob.Id, blob.Digest);
            NcrMetrics.DamageFound();
            Advance(0);
            return;
        }

        // Damaged before: only all of it tells that it is whole again.
        var report = await ReadAsync(blob, digest, tally.IsQuick && !blob.IsDamaged, pacer, Count, cancellationToken);
        if (report.State is ContentState.WrongDigest or ContentState.Unreadable)
        {
            // The memory may have erred, not the disk; or the disk for a moment only.
            await Task.Delay(report.State == ContentState.Unreadable && !blob.IsDamaged ? ReadAgainAfter : TimeSpan.Zero, clock, cancellationToken);
            report = await ReadAsync(blob, digest, isQuick: false, pacer, count: null, cancellationToken);
        }

        if (report.IsWhole)
        {
            if (blob.IsDamaged)
            {
                await damage.ClearAsync(blob.Id, digest, blob.Location, cancellationToken);
            }
        }
        else if (blob.IsDamaged || await damage.MarkAsync(blob.Id, digest, blob.Location, report, cancellationToken))
        {
            tally.Damaged++;
        }

        Advance(report.BytesRead);

        void Advance(long read)
        {
            NcrMetrics.IntegrityChecked(1, read);
            tally.Blobs++;
            tally.DoneBytes += blob.Size;
            tally.Bytes = tally.DoneBytes;
            show();
        }

        void Count(long bytes)
        {
            tally.AddBytes(bytes);
            show();
        }
    }

    /// <exception cref="IOException">The fault is the machine's, not this content's: the check can't go on.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    private async Task<ContentReport> ReadAsync(StoredBlob blob, Digest digest, bool isQuick, Pacer pacer, Action<long>? count, CancellationToken cancellationToken)
    {
        Exception? refused = null;
        var checker = new ContentChecker(async (location, token) =>
        {
            try
            {
                return await store.OpenToCheckAsync(location, token);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                refused = exception; // Too many open files, no right, no disk: that says nothing about the bytes.
                throw;
            }
        });
        var report = isQuick
            ? await checker.CheckLengthAsync(blob.Location, blob.Size, cancellationToken)
            : await checker.CheckAsync(blob.Location, digest, blob.Size, (bytes, token) => ReadOnAsync(bytes, pacer, count, token), cancellationToken);
        return refused is null ? report : throw refused;
    }

    /// <returns>Null when the row is damaged: it names no digest, or no place that content can have.</returns>
    private static Digest? FindDigest(StoredBlob blob) => ContentFolder.IsLocation(blob.Location) && Digest.TryParse(blob.Digest, out var digest) ? digest : null;

    private static ValueTask ReadOnAsync(int bytes, Pacer pacer, Action<long>? count, CancellationToken cancellationToken)
    {
        count?.Invoke(bytes);
        return pacer.WaitAsync(bytes, cancellationToken);
    }

    private async Task<List<StoredBlob>> ReadStepAsync(long after, long last, CancellationToken cancellationToken)
    {
        await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.Blobs.Where(b => b.Id > after && b.Id <= last).OrderBy(b => b.Id).Take(BlobStep)
            .Select(b => new StoredBlob(b.Id, b.Digest, b.Size, b.Location, b.DamagedAt != null)).ToListAsync(cancellationToken);
    }

    private async Task CheckManifestsAsync(IntegrityTally tally, Pacer pacer, Func<CancellationToken, Task> save, CancellationToken cancellationToken)
    {
        tally.Manifests = 0; // They are not worth a position of their own.
        var wrong = new List<string>();
        var after = "";
        while (true)
        {
            List<StoredManifest> step;
            await using (var db = await dbFactory.CreateDbContextAsync(cancellationToken))
            {
                step = await db.Manifests.Where(m => string.Compare(m.Digest, after) > 0).OrderBy(m => m.Digest).Take(ManifestStep)
                    .Select(m => new StoredManifest(m.Digest, m.Payload)).ToListAsync(cancellationToken);
            }

            if (step.Count == 0)
            {
                break;
            }

            foreach (var manifest in step)
            {
                after = manifest.Digest;
                tally.Manifests++;
                if (!Digest.TryParse(manifest.Digest, out var digest) || digest.SameAlgorithmOver(manifest.Payload) != digest)
                {
                    wrong.Add(manifest.Digest);
                    tally.Damaged++;
                    NcrMetrics.DamageFound();
                }

                NcrMetrics.IntegrityChecked(1, manifest.Payload.Length);
                await pacer.WaitAsync(manifest.Payload.Length, cancellationToken);
            }

            await save(cancellationToken);
        }

        if (wrong.Count > 0)
        {
            var named = string.Join(", ", wrong.Take(MaxNamed)) + (wrong.Count > MaxNamed ? ", …" : "");
            tally.AddTrouble($"The bytes of {wrong.Count} manifests in the database have changed: {named}. Restore the database from a backup.");
        }
    }

    /// <returns>What SQLite finds; null when all is well.</returns>
    private async Task<string?> CheckDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
        var found = await db.Database.SqlQueryRaw<string>("""SELECT "quick_check" AS "Value" FROM pragma_quick_check LIMIT 3""").ToListAsync(cancellationToken);
        return found is ["ok"] ? null : string.Join("; ", found) + ".";
    }

    private sealed record StoredBlob(long Id, string Digest, long Size, string Location, bool IsDamaged);

    private sealed record StoredManifest(string Digest, byte[] Payload);
}
