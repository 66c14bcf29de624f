using Microsoft.Data.Sqlite;
using Ncr.Core.Hosting;
using Ncr.Tests.Support;

namespace Ncr.Tests.Hosting;

public sealed class MigrationTests
{
    [Fact]
    public async Task Start_OnADatabaseOfANewerVersion_RefusesAndLeavesItAlone()
    {
        await using var server = await NcrServer.StartAsync();
        await server.StopAsync();
        await ExecuteAsync(server, "INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Future', '99.0.0')");

        var exception = await Assert.ThrowsAsync<StartupException>(server.RestartAsync);

        Assert.Contains("29990101000000_Future", exception.Message, StringComparison.Ordinal);
        await ExecuteAsync(server, "DELETE FROM __EFMigrationsHistory WHERE MigrationId = '29990101000000_Future'");
        await server.RestartAsync();
        Assert.False(Directory.Exists(BackupsOf(server)));
    }

    [Fact]
    public async Task Start_WithSomethingToMigrate_CopiesTheDatabaseFirst()
    {
        await using var server = await NcrServer.StartAsync();
        await server.StopAsync();
        await ExecuteAsync(server, "DROP INDEX IX_Tags_ArtifactId_PushedAt");
        await ExecuteAsync(server, "DROP INDEX IX_Artifacts_ImageId_PullCount");
        await ExecuteAsync(server, "DELETE FROM __EFMigrationsHistory WHERE MigrationId LIKE '%_SortIndexes'");

        // What a server that was killed at it leaves behind: it must not be waited for.
        await ExecuteAsync(server, "CREATE TABLE IF NOT EXISTS __EFMigrationsLock (Id INTEGER PRIMARY KEY, Timestamp TEXT NOT NULL)");
        await ExecuteAsync(server, "INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01 00:00:00')");

        await server.RestartAsync();

        var copy = Assert.Single(Directory.GetFiles(BackupsOf(server)));
        Assert.Equal(0L, await ExecuteAsync(server, IndexCount, copy));
        Assert.Equal(1L, await ExecuteAsync(server, IndexCount));
        Assert.Equal(2L, await ExecuteAsync(server, "SELECT COUNT(*) FROM Registries", copy));
    }

    private const string IndexCount = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'IX_Tags_ArtifactId_PushedAt'";

    private static string BackupsOf(NcrServer server) => Path.Combine(server.DataFolder, "backups");

    private static async Task<object?> ExecuteAsync(NcrServer server, string sql, string? file = null)
    {
        await using var connection = new SqliteConnection($"Data Source={file ?? Path.Combine(server.DataFolder, "ncr.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
