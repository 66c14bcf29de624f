using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Hosting;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
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

    [Fact]
    public async Task Start_OnADatabaseFromBeforeThereWereRoles_MakesTheAdministratorAProjectAdmin()
    {
        await using var server = await NcrServer.StartAsync();
        await server.StopAsync();
        await ExecuteAsync(server, "DROP TABLE RegistryMembers");
        await ExecuteAsync(server, "DROP TABLE Sessions");
        await ExecuteAsync(server, "DROP INDEX IX_Users_ExternalId");
        await ExecuteAsync(server, "ALTER TABLE Users ADD COLUMN SecurityStamp TEXT NOT NULL DEFAULT 'stamp'");
        foreach (var (table, column) in new[]
        {
            ("Users", "ExternalId"), ("Users", "IsService"), ("Users", "LastSignInAt"), ("Users", "LinkExpiresAt"), ("Users", "LinkHash"), ("AccessKeys", "Description"), ("AccessKeys", "ExpiresAt"),
            ("AccessKeys", "LastUsedFrom"), ("AccessKeys", "MayPull"), ("AccessKeys", "MayPush"), ("AccessKeys", "Networks"), ("AccessKeys", "Registries"),
        })
        {
            await ExecuteAsync(server, $"ALTER TABLE {table} DROP COLUMN {column}");
        }

        await ExecuteAsync(server, "UPDATE Users SET Role = 'Administrator'");
        await ExecuteAsync(server, "DELETE FROM __EFMigrationsHistory WHERE MigrationId LIKE '%_Access' OR MigrationId LIKE '%_Sessions'");

        await server.RestartAsync();

        var users = server.Services.GetRequiredService<UserAdministration>();
        Assert.Equal(Role.ProjectAdmin, (await users.FindAsync(server.Administrator, server.UserName, CancellationToken.None))!.Role);
        var keys = server.Services.GetRequiredService<AccessKeyService>();
        Assert.Equal(AccessKeySettings.None, Assert.Single(await keys.ListOwnAsync(server.Administrator, CancellationToken.None)).Settings);
        var login = await keys.LoginAsync(server.AccessKey, server.SecretKey, Actor.Anonymous("192.0.2.1"), CancellationToken.None);
        Assert.Equal(2, (await server.Services.GetRequiredService<RegistryService>().ListAsync(login.Actor, new PageRequest(), CancellationToken.None)).Total);
        await users.CreateAsync(login.Actor, "second", Role.ServiceViewer, CancellationToken.None);
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
