using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Core.Backups;

/// <summary>Puts a backup into a data folder, whose lock keeps every server out meanwhile.</summary>
public sealed class RestoreService
{
    private const string Again = "The data folder is not complete: run the restore again, it goes on from where it stopped.";
    private const int ShownDamage = 10;

    private readonly DataFolder _folder;
    private readonly TimeProvider _clock;

    internal RestoreService(DataFolder folder, TimeProvider clock)
    {
        _folder = folder;
        _clock = clock;
    }

    /// <param name="force">Whether to move aside what the data folder holds; without it, it must be empty.</param>
    /// <param name="skipVerify">Whether to restore what there is of a backup that lacks content.</param>
    /// <exception cref="NcrException">It can't be done; the message says why, and what state the data folder is in.</exception>
    public async Task<RestoreResult> RestoreAsync(string backup, bool force, bool skipVerify, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        using var source = BackupFolder.OpenToRead(backup);
        var manifest = BackupManifest.Read(source.Root);
        if (!force && !File.Exists(_folder.RestoreMarker) && Occupants().Any())
        {
            throw new NcrException(NcrError.Conflict, $"The data folder '{_folder.Root}' is not empty. With --force, what is in it is moved aside (never deleted) and the backup takes its place.");
        }

        var copy = Path.Combine(source.Root, manifest.Database.File);
        await using var database = await Failures.ExplainAsync(source.Root, "Nothing was changed.", () => OpenAsync(copy, cancellationToken));
        if (!skipVerify)
        {
            await Failures.ExplainAsync(source.Root, "Nothing was changed.", () => RequireWholeAsync(source, manifest, database, progress, cancellationToken));
        }

        return await Failures.ExplainAsync(_folder.Root, Again, () => RunAsync(source, manifest, database, copy, progress, cancellationToken));
    }

    private static async Task<SqliteConnection> OpenAsync(string copy, CancellationToken cancellationToken)
    {
        var database = await DatabaseFile.OpenReadOnlyAsync(copy, cancellationToken);
        await DatabaseFile.RequireKnownAsync(database, copy, cancellationToken);
        return database;
    }

    private static async Task<bool> RequireWholeAsync(BackupFolder source, BackupManifest manifest, SqliteConnection database, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var known = manifest.Damage.Select(d => d.Location).ToHashSet(StringComparer.Ordinal);
        var result = await new StoreVerifier(database, source.Content).VerifyAsync(quick: true, progress, cancellationToken);
        var found = result.Damage.Where(d => !known.Contains(d.Location)).Concat(KeyFiles.Check(source.Keys, manifest.Keys)).ToList();
        return found.Count == 0
            ? true
            : throw new NcrException(
                NcrError.Invalid,
                $"The backup '{source.Root}' is damaged and nothing was changed. To restore what there is of it, give --skip-verify.{string.Concat(found.Take(ShownDamage).Select(d => $"{Environment.NewLine}  - {d.What} {d.Name}: {d.Explanation}"))}"
                + (found.Count > ShownDamage ? $"{Environment.NewLine}  … and {found.Count - ShownDamage} more; `verify` lists them all." : ""));
    }

    private async Task<RestoreResult> RunAsync(BackupFolder source, BackupManifest manifest, SqliteConnection database, string copy, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var movedAside = File.Exists(_folder.RestoreMarker) ? null : MoveAside();
        DurableFile.Write(_folder.RestoreMarker, "A restore into this folder did not get to its end. Run it again.\n"u8);
        var copier = new ContentCopier(source.Content, new ContentFolder(_folder.Blobs));
        var (count, bytes) = await copier.MeasureAsync(database, cancellationToken);
        Failures.RequireSpace(_folder.Root, bytes + manifest.Database.Bytes, "the backup", Again);
        var content = await copier.CopyAsync(database, count, progress, before: null, cancellationToken);
        var damage = await StoreVerifier.DescribeAsync(database, content.Damaged, cancellationToken);
        var present = KeyFiles.Names(source.Keys).Where(manifest.Keys.ContainsKey).ToList();
        KeyFiles.Copy(source.Keys, _folder.Keys, present);
        damage.AddRange(KeyFiles.Check(_folder.Keys, manifest.Keys));
        await PlaceDatabaseAsync(copy, manifest.Database.Sha256, progress, cancellationToken);
        File.Delete(_folder.RestoreMarker);
        DurableFolder.Flush(_folder.Root);
        return new RestoreResult(_folder.Root, manifest, content.Count, content.Bytes, movedAside, damage);
    }

    /// <summary>The database last: without it, nothing that was restored so far is taken for a service.</summary>
    private async Task PlaceDatabaseAsync(string copy, string sha256, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new BackupProgress("Copying the database"));
        var placed = _folder.Database + ".restored";
        using (var file = File.OpenHandle(copy, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan))
        {
            if (!await DurableFile.CopyAsync(file, placed, HashAlgorithmName.SHA256, (_, hash) => Convert.ToHexStringLower(hash) == sha256, wrote: null, cancellationToken))
            {
                throw new NcrException(NcrError.Invalid, $"The database in the backup ('{copy}') is not the one that was saved: its sha256 differs. Restore another backup.");
            }
        }

        progress?.Report(new BackupProgress("Checking the database"));
        await using (var database = await DatabaseFile.OpenReadOnlyAsync(placed, cancellationToken))
        {
            if (await DatabaseFile.CheckAsync(database, cancellationToken) is { Length: > 0 } faults)
            {
                throw new NcrException(NcrError.Invalid, $"The database in the backup ('{copy}') is damaged: {faults}. Restore another backup.");
            }
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(placed, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.Move(placed, _folder.Database, overwrite: true);
        DurableFolder.Flush(_folder.Root);
    }

    /// <summary>Into a folder within: it is on the same disk, so nothing is copied, and the data folder may be a mount that can't be renamed.</summary>
    private string? MoveAside()
    {
        var occupants = Occupants().ToList();
        if (occupants.Count == 0)
        {
            return null;
        }

        var aside = Path.Combine(_folder.Root, string.Create(CultureInfo.InvariantCulture, $"{Aside}{_clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}"));
        DurableFile.MakeFolder(aside);
        foreach (var occupant in occupants.OrderBy(o => o == _folder.Database ? 0 : 1)) // The database first: what is left without it starts no service.
        {
            Directory.Move(occupant, Path.Combine(aside, Path.GetFileName(occupant)));
        }

        DurableFolder.Flush(aside);
        DurableFolder.Flush(_folder.Root);
        return aside;
    }

    private const string Aside = "before-restore-";

    private IEnumerable<string> Occupants() => Directory.EnumerateFileSystemEntries(_folder.Root)
        .Where(e => Path.GetFileName(e) is not (".lock" or "lost+found" or "backup.lease") && !Path.GetFileName(e).StartsWith(Aside, StringComparison.Ordinal));
}
