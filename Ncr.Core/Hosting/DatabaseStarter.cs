using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Errors;

namespace Ncr.Core.Hosting;

/// <summary>Brings the database up to date at start, after copying it when there is something to change.</summary>
internal sealed partial class DatabaseStarter(IDbContextFactory<NcrDbContext> dbFactory, DataFolder folder, TimeProvider clock, ILogger<DatabaseStarter> logger)
{
    /// <exception cref="StartupException">The database is newer than this program, or can't be read.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(folder.RestoreMarker))
        {
            throw new StartupException($"A restore into '{folder.Root}' did not get to its end. Run it again; it goes on from where it stopped.");
        }

        if (File.Exists(folder.Database))
        {
            // SQLite opens a file that it may not write for reading alone, and the first push would find out.
            using var writable = File.OpenHandle(folder.Database, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        else
        {
            RequireNoContent();
        }

        try
        {
            await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken); // Kept in the file; readers and the writer don't wait for each other.
            var known = db.Database.GetMigrations().ToHashSet();
            var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
            if (applied.Find(m => !known.Contains(m)) is { } newer)
            {
                throw new StartupException($"The database '{folder.Database}' was written by a newer NCR (it has the change {newer}). Start that version, or restore the copy it made in '{folder.Backups}'.");
            }

            if (applied.Count == 0)
            {
                RequireNoContent();
            }

            var pending = known.Except(applied).ToList();
            if (pending.Count == 0)
            {
                return;
            }

            if (applied.Count > 0)
            {
                LogCopied(logger, await CopyAsync(cancellationToken), pending.Count);
            }

            // EF Core waits without end for this lock when a migration was killed. Ours on the folder says that nobody else is at it.
            await db.Database.ExecuteSqlRawAsync("""DROP TABLE IF EXISTS "__EFMigrationsLock" """, cancellationToken);
            await db.Database.MigrateAsync(cancellationToken);
        }
        catch (SqliteException exception) when (StorageFailure.Recognise(exception) is not null)
        {
            throw new StartupException(StorageFailure.Explain(exception, folder.Root));
        }
        catch (SqliteException exception)
        {
            throw new StartupException($"The database '{folder.Database}' can't be used: {exception.Message} Check the file and its rights, or put back a copy of it.");
        }
    }

    /// <summary>A new database would call all content garbage, and collect it.</summary>
    private void RequireNoContent()
    {
        if (Directory.Exists(folder.Blobs) && Directory.EnumerateFiles(folder.Blobs, "*", SearchOption.AllDirectories).Any())
        {
            throw new StartupException($"The data folder '{folder.Root}' holds content, but its database '{folder.Database}' is missing or empty. Put the database back, or restore a backup; to begin anew, name an empty folder with Ncr:DataPath.");
        }
    }

    private async Task<string> CopyAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder.Backups);
        var copy = Path.Combine(folder.Backups, $"ncr-{clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}.db");
        await using var source = new SqliteConnection(DataFolder.ConnectionString(folder.Database, pooling: false));
        await using var target = new SqliteConnection(DataFolder.ConnectionString(copy, pooling: false));
        await source.OpenAsync(cancellationToken);
        await target.OpenAsync(cancellationToken);
        source.BackupDatabase(target);
        return copy;
    }

    [LoggerMessage(LogLevel.Information, "The database was copied to {Copy} before {Count} changes to its layout")]
    private static partial void LogCopied(ILogger logger, string copy, int count);
}
