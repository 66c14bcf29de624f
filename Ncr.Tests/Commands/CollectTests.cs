using System.Text.Json;
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
}
