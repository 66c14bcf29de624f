using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Core.Backups;

/// <summary>Puts a backup into a data folder, whose lock keeps every server out meanwhile.</summary>
public sealed class RestoreService
{
    private const string Again = "The data folder is not complete: run the restore again, it goes on from where it stopped.";
    private const string Unchanged = "Nothing was changed.";
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
        BackupFolder.RequireApart(_folder.Root, backup);
        using var source = BackupFolder.OpenToRead(backup);
        var manifest = BackupManifest.Read(source.Root);
        if (!force && !File.Exists(_folder.RestoreMarker) && Occupants().Any())
        {
            throw new NcrException(NcrError.Conflict, $"The data folder '{_folder.Root}' is not empty. With --force, what is in it is moved aside (never deleted) and the backup takes its place.");
        }

        var copy = Path.Combine(source.Root, manifest.Database.File);
        await using var database = await Failures.ExplainAsync(source.Root, Unchanged, () => OpenAsync(copy, cancellationToken));
        if (!skipVerify)
        {
            await Failures.ExplainAsync(source.Root, Unchanged, () => RequireWholeAsync(source, manifest, database, progress, cancellationToken));
        }

        // All that can be known before is asked before: what is in the data folder now is moved aside for a backup that can take its place only.
        await Failures.ExplainAsync(source.Root, Unchanged, () => RequireGoodDatabaseAsync(manifest, database, copy, progress, cancellationToken));
        await RequireRoomAsync(source, manifest, database, cancellationToken);
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

    private static async Task<bool> RequireGoodDatabaseAsync(BackupManifest manifest, SqliteConnection database, string copy, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new BackupProgress("Checking the database"));
        if (await DurableFile.Sha256Async(copy, cancellationToken) != manifest.Database.Sha256)
        {
            throw new NcrException(NcrError.Invalid, $"The database in the backup ('{copy}') is not the one that was saved: its sha256 differs. {Unchanged} Restore another backup.");
        }

        if (await DatabaseFile.CheckAsync(database, cancellationToken) is { Length: > 0 } faults)
        {
            throw new NcrException(NcrError.Invalid, $"The database in the backup ('{copy}') is damaged: {faults}. {Unchanged} Restore another backup.");
        }

        return await ContentRows.FindWrongDiscardedAsync(database, cancellationToken) is not { } location
            ? true
            : throw new NcrException(NcrError.Invalid, $"The database in the backup ('{copy}') would have '{location}' deleted, which is no place of content. {Unchanged} Restore another backup.");
    }

    /// <summary>What is moved aside goes on taking its room; what an earlier try has copied does not have to be copied again.</summary>
    private Task<bool> RequireRoomAsync(BackupFolder source, BackupManifest manifest, SqliteConnection database, CancellationToken cancellationToken) =>
        Failures.ExplainAsync(_folder.Root, Unchanged, async () =>
        {
            var isAgain = ReadMarker() is { IsMoved: true };
            var (_, bytes) = isAgain
                ? await new ContentCopier(source.Content, new ContentFolder(_folder.Blobs)).MeasureAsync(database, cancellationToken)
                : await ContentRows.SumAsync(database, cancellationToken);
            Failures.RequireSpace(_folder.Root, bytes + manifest.Database.Bytes, "the backup", isAgain ? Again : Unchanged);
            return true;
        });

    private async Task<RestoreResult> RunAsync(BackupFolder source, BackupManifest manifest, SqliteConnection database, string copy, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var movedAside = MoveAside();
        var copier = new ContentCopier(source.Content, new ContentFolder(_folder.Blobs));
        var (count, _) = await copier.MeasureAsync(database, cancellationToken);
        var content = await copier.CopyAsync(database, count, progress, before: null, cancellationToken);
        var damage = await StoreVerifier.DescribeAsync(database, content.Damaged, cancellationToken);
        var present = KeyFiles.Names(source.Keys).Where(manifest.Keys.ContainsKey).ToList();
        KeyFiles.Copy(source.Keys, _folder.Keys, present);
        damage.AddRange(KeyFiles.Check(_folder.Keys, manifest.Keys));
        await PlaceDatabaseAsync(copy, manifest.Database.Sha256, progress, cancellationToken);
        new UsesState(_folder).TryBegin(); // Uses since the backup are not in it, as after a crash.
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

    /// <summary>
    /// Into a folder within: it is on the same disk, so nothing is copied, and the data folder may be a mount that can't be renamed. The marker comes
    /// first and names that folder: at no moment a server could start on a part of what was there, and cut short, it is gone on with.
    /// </summary>
    private string? MoveAside()
    {
        var marker = ReadMarker() ?? new Marker(
            Occupants().Any() ? string.Create(CultureInfo.InvariantCulture, $"{Aside}{_clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}") : null,
            IsMoved: false);
        var aside = marker.Aside is null ? null : Path.Combine(_folder.Root, marker.Aside);
        if (marker.IsMoved)
        {
            return aside;
        }

        WriteMarker(marker);
        if (aside is not null)
        {
            DurableFile.MakeFolder(aside);
            foreach (var occupant in Occupants().OrderBy(o => o == _folder.Database ? 0 : 1).ToList())
            {
                Directory.Move(occupant, Path.Combine(aside, Path.GetFileName(occupant)));
            }

            DurableFolder.Flush(aside);
            DurableFolder.Flush(_folder.Root);
        }

        WriteMarker(marker with { IsMoved = true });
        return aside;
    }

    private void WriteMarker(Marker marker) => DurableFile.Write(
        _folder.RestoreMarker,
        System.Text.Encoding.UTF8.GetBytes($"A restore into this folder did not get to its end. Run it again.\n{(marker.Aside is null ? "" : $"{(marker.IsMoved ? Moved : Moving)}{marker.Aside}\n")}"));

    /// <returns>Null when there is none.</returns>
    private Marker? ReadMarker()
    {
        if (!File.Exists(_folder.RestoreMarker))
        {
            return null;
        }

        var lines = File.ReadAllLines(_folder.RestoreMarker);
        return Find(Moving) is { } moving ? new Marker(moving, IsMoved: false) : new Marker(Find(Moved), IsMoved: true);

        string? Find(string prefix) => lines.Where(l => l.StartsWith(prefix + Aside, StringComparison.Ordinal)).Select(l => Path.GetFileName(l[prefix.Length..])).FirstOrDefault();
    }

    private const string Moving = "Moving what was here to: ";
    private const string Moved = "What was here is in: ";
    private const string Aside = "before-restore-";

    private IEnumerable<string> Occupants() => Directory.EnumerateFileSystemEntries(_folder.Root)
        .Where(e => Path.GetFileName(e) is not (".lock" or "lost+found" or "backup.lease" or "restore.incomplete" or "restore.incomplete" + DurableFile.Unfinished) && !Path.GetFileName(e).StartsWith(Aside, StringComparison.Ordinal));

    /// <param name="Aside">The folder within that takes what was here; null when there was nothing.</param>
    private sealed record Marker(string? Aside, bool IsMoved);
}
