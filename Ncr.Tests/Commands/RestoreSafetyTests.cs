using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Ncr.Core.Backups;
using Ncr.Tests.Support;

namespace Ncr.Tests.Commands;

/// <summary>What is in the data folder stays there until it is certain that the backup can take its place.</summary>
public sealed class RestoreSafetyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder["backup"];

    private string Data => _folder["data"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Restore_OfADatabaseThatHasChanged_WithForce_TouchesNothing()
    {
        await MakeBackupAsync();
        var before = await FillDataAsync();
        await using (var file = new FileStream(Directory.GetFiles(Target, "ncr-*.db").Single(), FileMode.Append))
        {
            file.Write(new byte[4096]);
        }

        var result = await NcrCli.On(Data).FailAsync("restore", Target, "--force");

        Assert.Contains("sha256 differs. Nothing was changed.", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, Entries());
    }

    [Fact]
    public async Task Restore_OfADatabaseThatWouldDeleteElsewhere_IsRefused()
    {
        await MakeBackupAsync();
        var copy = Directory.GetFiles(Target, "ncr-*.db").Single();
        using (var database = new SqliteConnection($"Data Source={copy};Pooling=False"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = "INSERT INTO DiscardedContent (Location, Size, DiscardedAt) VALUES ('../ncr.db', 1, '2020-01-01 00:00:00')";
            command.ExecuteNonQuery();
        }

        var path = Path.Combine(Target, "backup.json");
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        manifest["database"]!["sha256"] = await DurableFile.Sha256Async(copy, CancellationToken.None);
        await File.WriteAllTextAsync(path, manifest.ToJsonString());

        var result = await NcrCli.On(Data).FailAsync("restore", Target, "--skip-verify");

        Assert.Contains("would have '../ncr.db' deleted", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Data, "ncr.db")));
    }

    [Fact]
    public async Task Restore_OfABackupWithinTheDataFolder_IsRefused()
    {
        await MakeBackupAsync();
        var before = await FillDataAsync();
        Directory.Move(Target, Path.Combine(Data, "backup"));

        var result = await NcrCli.On(Data).FailAsync("restore", Path.Combine(Data, "backup"), "--force");

        Assert.Contains("can't be in the data folder", result.Error, StringComparison.Ordinal);
        Assert.Equal(before.Append("backup").Order(StringComparer.Ordinal), Entries());
    }

    [Fact]
    public async Task Restore_KilledWhileItMovedAside_KeepsServersOut_AndGoesOn()
    {
        await MakeBackupAsync();
        await FillDataAsync();
        var aside = Directory.CreateDirectory(Path.Combine(Data, "before-restore-20260101T000000Z")).FullName;
        await File.WriteAllTextAsync(Path.Combine(Data, "restore.incomplete"), "A restore did not end.\nMoving what was here to: before-restore-20260101T000000Z\n");
        File.Move(Path.Combine(Data, "ncr.db"), Path.Combine(aside, "ncr.db"));

        var start = await NcrCli.On(Data).FailAsync("--urls", "http://127.0.0.1:0");
        var result = JsonDocument.Parse((await NcrCli.On(Data).RunAsync("restore", Target, "--json")).Out).RootElement;

        Assert.Contains("did not get to its end", start.Error, StringComparison.Ordinal);
        Assert.Equal(aside, result.GetProperty("movedAside").GetString());
        Assert.Equal("the earlier database", await File.ReadAllTextAsync(Path.Combine(aside, "ncr.db")));
        Assert.Equal("earlier content", await File.ReadAllTextAsync(Path.Combine(aside, "blobs", "ab", "ab01")));
        Assert.False(File.Exists(Path.Combine(Data, "blobs", "ab", "ab01")));
        await NcrCli.On(Data).RunAsync("verify");
    }

    [ToolFact("mount")]
    public async Task Restore_IntoADiskWithoutRoom_WithForce_TouchesNothing()
    {
        await MakeBackupAsync(Oci.RandomBytes(8 << 20));
        Directory.CreateDirectory(Data);
        await new Cli("mount").RunAsync("-t", "tmpfs", "-o", "size=4m", "tmpfs", Data);
        try
        {
            var before = await FillDataAsync();

            var result = await NcrCli.On(Data).FailAsync("restore", Target, "--force");

            Assert.Matches("MB free, but the backup needs 8\\.[0-9] MB\\. Nothing was changed\\.", result.Error);
            Assert.Equal(before, Entries());
        }
        finally
        {
            await new Cli("umount").RunAsync(Data);
        }
    }

    [ToolFact("mount")]
    public async Task Backup_OfContentThatCantBeRead_SavesTheRest_AndSoDoesARestore()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        var kept = Oci.RandomBytes(1000);
        await client.PushAsync(new ImageBuilder(layerContents: [[], kept]), "v1");
        var (empty, whole) = (LocationOf(server.DataFolder, Oci.Digest([])), LocationOf(server.DataFolder, Oci.Digest(kept)));
        Unreadable.Make(Path.Combine(server.DataFolder, "blobs", empty));

        var backup = await NcrCli.On(server).FailAsync("backup", Target);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Target, "blobs", empty))!);
        Unreadable.Make(Path.Combine(Target, "blobs", empty));
        var restore = await NcrCli.On(Data).FailAsync("restore", Target, "--skip-verify");

        Assert.Contains("It can't be read", backup.Error, StringComparison.Ordinal);
        Assert.Contains($"needed by {client.Name}:v1", backup.Error, StringComparison.Ordinal);
        Assert.Equal(kept, await File.ReadAllBytesAsync(Path.Combine(Target, "blobs", whole)));
        Assert.Contains("It can't be read", restore.Error, StringComparison.Ordinal);
        Assert.Equal(kept, await File.ReadAllBytesAsync(Path.Combine(Data, "blobs", whole)));
        Assert.True(File.Exists(Path.Combine(Data, "ncr.db")));
    }

    private static string LocationOf(string data, string digest)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(data, "ncr.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT Location FROM Blobs WHERE Digest = $digest";
        command.Parameters.AddWithValue("$digest", digest);
        return (string)command.ExecuteScalar()!;
    }

    private async Task MakeBackupAsync(params byte[][] layers)
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        await new RegistryClient(http, RegistryClient.UniqueName()).PushAsync(new ImageBuilder(layerContents: layers), "v1");
        await NcrCli.On(server).RunAsync("backup", Target);
    }

    /// <returns>What is in it.</returns>
    private async Task<List<string>> FillDataAsync()
    {
        Directory.CreateDirectory(Path.Combine(Data, "blobs", "ab"));
        await File.WriteAllTextAsync(Path.Combine(Data, "ncr.db"), "the earlier database");
        await File.WriteAllTextAsync(Path.Combine(Data, "blobs", "ab", "ab01"), "earlier content");
        return Entries();
    }

    private List<string> Entries() => [.. Directory.GetFileSystemEntries(Data).Select(e => Path.GetFileName(e)).Where(e => e != ".lock").Order(StringComparer.Ordinal)];
}
