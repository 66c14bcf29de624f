using System.Globalization;
using System.Security.Cryptography;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Core.Backups;

/// <summary>Copies a service, running or not, into a folder of its own. Run again it adds what is new, and at no moment the folder is without a good backup.</summary>
public sealed class BackupService
{
    private const string Kept = "The backup that was there before, if any, is still good.";
    private readonly DataFolder _folder;
    private readonly TimeProvider _clock;

    internal BackupService(DataFolder folder, TimeProvider clock)
    {
        _folder = folder;
        _clock = clock;
    }

    /// <exception cref="NcrException">It can't be made; the message says why, and that an earlier backup in the folder is untouched.</exception>
    public Task<BackupResult> BackupAsync(string target, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        BackupFolder.RequireApart(_folder.Root, target);
        return Failures.ExplainAsync(Path.GetFullPath(target), Kept, () => RunAsync(target, progress, cancellationToken));
    }

    private async Task<BackupResult> RunAsync(string target, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        using var folder = BackupFolder.OpenToWrite(target);
        var earlier = File.Exists(Path.Combine(folder.Root, BackupManifest.FileName)) ? BackupManifest.Read(folder.Root) : null;
        RequireSameService(folder, earlier);
        RemoveDatabasesBut(folder, earlier?.Database.File);

        // From here on the collector leaves content alone; so everything that the copied database names can still be copied.
        await using var lease = await BackupLease.TakeAsync(_folder, _clock, cancellationToken);
        var startedAt = _clock.GetUtcNow().UtcDateTime;
        var name = string.Create(CultureInfo.InvariantCulture, $"ncr-{startedAt:yyyyMMdd'T'HHmmss'Z'}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}.db");
        var copy = Path.Combine(folder.Root, name);
        try
        {
            progress?.Report(new BackupProgress("Copying the database"));
            Failures.RequireSpace(folder.Root, DatabaseSize(), "a copy of the database", Kept);
            await DatabaseFile.CopyAsync(_folder.Database, copy, (done, total) => progress?.Report(new BackupProgress("Copying the database", done, total)), cancellationToken);
            var (manifest, content) = await FillAsync(folder, copy, startedAt, lease, progress, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            DurableFile.Write(Path.Combine(folder.Root, BackupManifest.FileName), manifest.ToJson());

            // The new backup is complete. What only the earlier one needed may go; left over, the next run takes it away.
            progress?.Report(new BackupProgress("Tidying up"));
            RemoveDatabasesBut(folder, name);
            return new BackupResult(folder.Root, manifest, content.Count, content.Bytes, await PruneAsync(folder, copy, cancellationToken));
        }
        catch
        {
            RemoveDatabasesBut(folder, File.Exists(Path.Combine(folder.Root, BackupManifest.FileName)) ? BackupManifest.Read(folder.Root).Database.File : null);
            throw;
        }
    }

    private async Task<(BackupManifest Manifest, ContentCopier.Result Content)> FillAsync(
        BackupFolder folder, string copy, DateTime startedAt, BackupLease lease, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new BackupProgress("Checking the database"));
        await using var database = await DatabaseFile.OpenReadOnlyAsync(copy, cancellationToken);
        if (await DatabaseFile.CheckAsync(database, cancellationToken) is { Length: > 0 } faults)
        {
            throw new NcrException(NcrError.Invalid, $"The server's database is damaged ({faults}), so no backup was made of it. {Kept} Restore that one.");
        }

        var migration = await DatabaseFile.RequireKnownAsync(database, _folder.Database, cancellationToken);
        var copier = new ContentCopier(new ContentFolder(_folder.Blobs), folder.Content);
        progress?.Report(new BackupProgress("Looking for new content"));
        var (count, bytes) = await copier.MeasureAsync(database, cancellationToken);
        Failures.RequireSpace(folder.Root, bytes, "new content", Kept);
        var content = await copier.CopyAsync(database, count, progress, lease.RequireKept, cancellationToken);
        lease.RequireKept();
        var (allCount, allBytes) = await ContentRows.SumAsync(database, cancellationToken);
        var damage = await StoreVerifier.DescribeAsync(database, content.Damaged, cancellationToken);
        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat,
            Program = ProgramVersion.Current.Version,
            StartedAt = startedAt,
            CompletedAt = _clock.GetUtcNow().UtcDateTime,
            Database = new BackupDatabase(Path.GetFileName(copy), new FileInfo(copy).Length, await DurableFile.Sha256Async(copy, cancellationToken), migration),
            Content = new BackupContent(allCount - damage.Count, allBytes - content.Damaged.Sum(d => d.Row.Size)),
            Keys = KeyFiles.Copy(_folder.Keys, folder.Keys),
            Damage = damage,
        };
        return (manifest, content);
    }

    /// <summary>Takes away what the database of the new backup does not name.</summary>
    private static async Task<int> PruneAsync(BackupFolder folder, string copy, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseFile.OpenReadOnlyAsync(copy, cancellationToken);
        var root = folder.Content.Root;
        var pruned = 0;
        foreach (var shard in Directory.Exists(root) ? Directory.EnumerateDirectories(root) : [])
        {
            var prefix = Path.GetFileName(shard) + "/";
            var named = (await DatabaseFile.ReadAsync(
                database,
                """SELECT "Location" FROM "Blobs" WHERE "Location" >= $from AND "Location" < $to""",
                r => r.GetString(0),
                cancellationToken,
                ("$from", prefix),
                ("$to", Path.GetFileName(shard) + "0"))).ToHashSet(StringComparer.Ordinal);
            foreach (var file in Directory.EnumerateFiles(shard, "*", SearchOption.AllDirectories))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!named.Contains(Path.GetRelativePath(root, file).Replace('\\', '/')))
                {
                    File.Delete(file);
                    pruned++;
                }
            }
        }

        return pruned;
    }

    private static void RemoveDatabasesBut(BackupFolder folder, string? name)
    {
        foreach (var file in Directory.EnumerateFiles(folder.Root, "ncr-*.db*").Where(f => Path.GetFileName(f) != name))
        {
            File.Delete(file);
        }
    }

    /// <summary>Another service's content would be taken for what is no longer needed. The first key is made once and kept for good, so it tells them apart.</summary>
    private void RequireSameService(BackupFolder folder, BackupManifest? earlier)
    {
        var own = KeyFiles.Names(_folder.Keys);
        if (earlier is { Keys.Count: > 0 } && own.Count > 0 && !own.Any(earlier.Keys.ContainsKey))
        {
            throw new NcrException(NcrError.Conflict, $"'{folder.Root}' holds the backup of another NCR (none of its keys is this one's). Give each its own folder.");
        }
    }

    private long DatabaseSize()
    {
        var log = new FileInfo(_folder.Database + "-wal");
        return new FileInfo(_folder.Database).Length + (log.Exists ? log.Length : 0);
    }
}
