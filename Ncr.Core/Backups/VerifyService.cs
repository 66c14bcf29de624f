using Microsoft.Data.Sqlite;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Core.Backups;

/// <summary>Reads a backup, or the data folder of a service that may be running, back to its last byte. It changes nothing.</summary>
public sealed class VerifyService
{
    private readonly DataFolder _folder;

    internal VerifyService(DataFolder folder) => _folder = folder;

    /// <summary>The data folder.</summary>
    /// <exception cref="NcrException">It can't be read at all.</exception>
    public Task<VerifyResult> VerifyAsync(IProgress<BackupProgress>? progress, CancellationToken cancellationToken) =>
        Failures.ExplainAsync(_folder.Root, "", async () =>
        {
            var damage = new List<BackupDamage>();
            await using var database = await DatabaseFile.OpenReadOnlyAsync(_folder.Database, cancellationToken);
            var result = await ReadAsync(database, _folder.Database, new ContentFolder(_folder.Blobs), damage, progress, cancellationToken);
            return new VerifyResult(_folder.Root, null, result.Count, result.Bytes, result.Manifests, damage);
        });

    /// <summary>A backup.</summary>
    /// <exception cref="NcrException">It can't be read at all, or was written by a newer NCR.</exception>
    public static Task<VerifyResult> VerifyBackupAsync(string backup, IProgress<BackupProgress>? progress, CancellationToken cancellationToken) =>
        Failures.ExplainAsync(Path.GetFullPath(backup), "", async () =>
        {
            using var folder = BackupFolder.OpenToRead(backup);
            var manifest = BackupManifest.Read(folder.Root);
            var damage = new List<BackupDamage>();
            var copy = Path.Combine(folder.Root, manifest.Database.File);
            progress?.Report(new BackupProgress("Checking the database"));
            if (!File.Exists(copy))
            {
                damage.Add(new BackupDamage("database", manifest.Database.File, null, "It is missing.", []));
                return new VerifyResult(folder.Root, manifest, 0, 0, 0, damage);
            }

            if (await DurableFile.Sha256Async(copy, cancellationToken) != manifest.Database.Sha256)
            {
                damage.Add(new BackupDamage("database", manifest.Database.File, null, "It is not the one that was saved: its sha256 differs.", []));
            }

            damage.AddRange(KeyFiles.Check(folder.Keys, manifest.Keys));
            await using var database = await DatabaseFile.OpenReadOnlyAsync(copy, cancellationToken);
            var result = await ReadAsync(database, copy, folder.Content, damage, progress, cancellationToken);
            return new VerifyResult(folder.Root, manifest, result.Count, result.Bytes, result.Manifests, damage);
        });

    private static async Task<StoreVerifier.Result> ReadAsync(
        SqliteConnection database, string name, ContentFolder content, List<BackupDamage> damage, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new BackupProgress("Checking the database"));
        try
        {
            if (await DatabaseFile.CheckAsync(database, cancellationToken) is { Length: > 0 } faults)
            {
                damage.Add(new BackupDamage("database", Path.GetFileName(name), null, $"SQLite finds: {faults}", []));
            }

            await DatabaseFile.RequireKnownAsync(database, name, cancellationToken);
            var result = await new StoreVerifier(database, content).VerifyAsync(quick: false, progress, cancellationToken);
            damage.AddRange(result.Damage);
            return result;
        }
        catch (SqliteException exception)
        {
            damage.Add(new BackupDamage("database", Path.GetFileName(name), null, $"It can't be read to its end: {exception.Message}", []));
            return new StoreVerifier.Result(0, 0, 0, []);
        }
    }
}
