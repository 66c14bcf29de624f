using System.Text.Json;
using Microsoft.Data.Sqlite;
using Ncr.Tests.Support;

namespace Ncr.Tests.Commands;

public sealed class CollectTests
{
    [Fact]
    public async Task Collect_BesideItsServer_PointsToTheConsole()
    {
        await using var server = await NcrServer.StartAsync();

        var result = await NcrCli.On(server).FailAsync("collect");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("of the console", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collect_AfterAStopThatWasNotClean_HoldsAllBlobsAndSaysSo()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        await new RegistryClient(http, RegistryClient.UniqueName()).PushBlobAsync(Oci.RandomBytes(300));
        await server.StopAsync();
        using (var database = new SqliteConnection($"Data Source={Path.Combine(server.DataFolder, "ncr.db")};Pooling=False"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = "UPDATE ImageBlobs SET UsedAt = '2020-01-01 00:00:00'; UPDATE BlobCandidates SET QueuedAt = '2020-01-01 00:00:00'";
            command.ExecuteNonQuery();
        }

        var state = Path.Combine(server.DataFolder, "uses.state");
        await File.WriteAllTextAsync(state, "running\n");
        var held = await NcrCli.On(server).RunAsync("collect", "--json");
        File.Delete(state);
        var free = await NcrCli.On(server).RunAsync("collect", "--json");

        Assert.Contains("not clean", held.Error, StringComparison.Ordinal);
        Assert.Equal(0, JsonDocument.Parse(held.Out).RootElement.GetProperty("blobs").GetInt32());
        Assert.DoesNotContain("not clean", free.Error, StringComparison.Ordinal);
        Assert.Equal(1, JsonDocument.Parse(free.Out).RootElement.GetProperty("blobs").GetInt32());
    }

    [Fact]
    public async Task Collect_OnAStoppedServer_FreesAFileThatNoRowNames()
    {
        await using var server = await NcrServer.StartAsync();
        await server.StopAsync();
        var orphan = Path.Combine(server.DataFolder, "blobs", "ab", "ab" + new string('0', 38));
        await File.WriteAllBytesAsync(orphan, new byte[100]);
        File.SetLastWriteTimeUtc(orphan, TimeProvider.System.GetUtcNow().AddDays(-30).UtcDateTime);

        var dry = await NcrCli.On(server).RunAsync("collect", "--dry-run", "--json");
        Assert.True(File.Exists(orphan));
        var real = await NcrCli.On(server).RunAsync("collect", "--json");

        Assert.Equal(1, JsonDocument.Parse(dry.Out).RootElement.GetProperty("orphans").GetInt32());
        Assert.Equal(100, JsonDocument.Parse(real.Out).RootElement.GetProperty("orphanBytes").GetInt64());
        Assert.False(File.Exists(orphan));
    }

    [Fact]
    public async Task Commands_OnALockedDatabase_SaySoInALine()
    {
        await using var server = await NcrServer.StartAsync();
        await server.StopAsync();
        using var other = new SqliteConnection($"Data Source={Path.Combine(server.DataFolder, "ncr.db")};Pooling=False");
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();

        var collecting = NcrCli.On(server).FailAsync("collect", "--json");
        var resetting = NcrCli.On(server).WithInput("another long password").FailAsync("reset-password", server.UserName);

        foreach (var result in await Task.WhenAll(collecting, resetting)) // Each waits ten seconds for the lock.
        {
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("locked by another program", result.Error, StringComparison.Ordinal);
            Assert.Single(result.Error.Trim().Split('\n'));
        }

        Assert.Contains("locked", JsonDocument.Parse((await collecting).Out).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }
}
