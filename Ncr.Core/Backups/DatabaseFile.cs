using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using SQLitePCL;

namespace Ncr.Core.Backups;

/// <summary>Copies of the database, and reading them without the model: a backup may be older than this program.</summary>
internal static class DatabaseFile
{
    /// <summary>16 MiB of pages of 4 KiB: often enough to be stopped, seldom enough to cost nothing.</summary>
    private const int PagesAtOnce = 4096;

    /// <summary>The changes to the layout that this program knows, oldest first.</summary>
    public static IReadOnlyList<string> KnownMigrations { get; } = FindKnownMigrations();

    public static async Task<SqliteConnection> OpenReadOnlyAsync(string path, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Copies a database that others write to, as it is at one moment. Copied piece by piece, a backup starts over whenever another process writes; it
    /// never ended beside a busy server. Within a read transaction it goes through at once, keeps nobody from writing, and can still be stopped between
    /// two pieces. Only the log can't be taken back into the database meanwhile.
    /// </summary>
    public static async Task CopyAsync(string source, string target, Action<long, long> progress, CancellationToken cancellationToken)
    {
        await using var from = await OpenReadOnlyAsync(source, cancellationToken);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // It has the hashes of passwords in it.
        }

        await new FileStream(target, options).DisposeAsync();
        await using (var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = target, Pooling = false }.ToString()))
        {
            await to.OpenAsync(cancellationToken);
            await ExecuteAsync(to, "PRAGMA synchronous=OFF", cancellationToken); // Flushed once, at the end.
            await using var snapshot = from.BeginTransaction(deferred: true);
            await ReadAsync(from, "SELECT count(*) FROM sqlite_master", _ => 0, cancellationToken);
            using (var backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main"))
            {
                if (backup.IsInvalid)
                {
                    throw new SqliteException(raw.sqlite3_errmsg(to.Handle).utf8_to_string(), raw.sqlite3_errcode(to.Handle));
                }

                for (var result = raw.SQLITE_OK; result != raw.SQLITE_DONE;)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    result = raw.sqlite3_backup_step(backup, PagesAtOnce);
                    if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
                    {
                        throw new SqliteException($"The database could not be copied: {raw.sqlite3_errstr(result).utf8_to_string()}.", result);
                    }

                    var total = raw.sqlite3_backup_pagecount(backup);
                    progress(total - raw.sqlite3_backup_remaining(backup), total);
                }
            }

            await ExecuteAsync(to, "PRAGMA journal_mode=DELETE", cancellationToken); // One file, that can be read where nothing may be written.
        }

        using var file = File.OpenHandle(target, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>What SQLite says about the file's inner order; empty when all is well.</summary>
    public static async Task<string> CheckAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        var faults = await ReadAsync(connection, "PRAGMA integrity_check(10)", r => r.GetString(0), cancellationToken);
        return faults is ["ok"] ? "" : string.Join("; ", faults);
    }

    /// <summary>The newest change to its layout.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Invalid"/>: it was written by a newer NCR, or is no database of NCR.</exception>
    public static async Task<string> RequireKnownAsync(SqliteConnection connection, string name, CancellationToken cancellationToken)
    {
        var applied = await ReadAsync(connection, """SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY 1""", r => r.GetString(0), cancellationToken);
        return applied.Except(KnownMigrations).FirstOrDefault() is { } newer
            ? throw new NcrException(NcrError.Invalid, $"The database '{name}' was written by a newer NCR (it has the change {newer}). Use that version.")
            : applied.LastOrDefault() ?? throw new NcrException(NcrError.Invalid, $"The database '{name}' is empty: the server has not made it yet.");
    }

    public static async Task<List<T>> ReadAsync<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> row, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this program.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private static Task<List<int>> ExecuteAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken) => ReadAsync(connection, sql, _ => 0, cancellationToken);

    private static List<string> FindKnownMigrations()
    {
        using var db = new NcrDbContext(new DbContextOptionsBuilder<NcrDbContext>().UseSqlite("Data Source=:memory:").Options);
        return [.. db.Database.GetMigrations()];
    }
}
