using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Ncr.Core.Backups;
using Ncr.Core.Hosting;
using Ncr.Tests.Support;

namespace Ncr.Tests.Commands;

/// <summary>Backups of real servers by the program itself, and what comes back from them.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder["backup"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Backup_WhilePushesRun_HoldsAllThatWasAnsweredBeforeIt()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var pushed = new Queue<(string Name, PushedManifest Manifest, ImageBuilder Image)>();
        using var stop = new CancellationTokenSource();
        async Task PushAsync()
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var (client, image) = (new RegistryClient(http, RegistryClient.UniqueName()), new ImageBuilder(1));
                var manifest = await client.PushAsync(image, "v1");
                lock (pushed)
                {
                    pushed.Enqueue((client.Name, manifest, image));
                }
            }
        }

        var pushes = Enumerable.Range(0, 4).Select(_ => Task.Run(PushAsync)).ToList();
        await Wait.UntilAsync(() => Count(pushed) > 30);
        List<(string Name, PushedManifest Manifest, ImageBuilder Image)> before;
        lock (pushed)
        {
            before = [.. pushed];
        }

        var result = Json(await NcrCli.On(server).RunAsync("backup", Target, "--json"));
        var after = Count(pushed);
        await stop.CancelAsync();
        await Task.WhenAll(pushes);
        await NcrCli.Create().RunAsync("verify", Target);
        await NcrCli.On(_folder["restored"]).RunAsync("restore", Target);

        Assert.True(after > before.Count, "Nothing was pushed while the backup ran, so nothing was tried.");
        Assert.True(result.GetProperty("manifest").GetProperty("content").GetProperty("count").GetInt64() >= before.Count * 2);
        await using var restored = await NcrServer.StartAsync(settings => settings["Ncr:DataPath"] = _folder["restored"]);
        using var reader = restored.CreateClient();
        foreach (var (name, manifest, image) in before)
        {
            var client = new RegistryClient(reader, name);
            Assert.Equal(manifest.Body, await ReadAsync(client, "manifests/v1"));
            Assert.Equal(image.Blobs[0], await ReadAsync(client, "blobs/" + image.ConfigDigest));
            Assert.Equal(image.Blobs[1], await ReadAsync(client, "blobs/" + image.LayerDigests[0]));
        }
    }

    [Fact]
    public async Task Backup_Again_CopiesOnlyWhatIsNew_AndDropsWhatIsNotNeeded()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        await client.PushAsync(new ImageBuilder(3), "v1");

        var first = Json(await NcrCli.On(server).RunAsync("backup", Target, "--json"));
        await client.PushAsync(new ImageBuilder(1), "v2");
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(Target, "blobs", "ab")).FullName, "ab00.partial"), "left by a crash");
        var second = Json(await NcrCli.On(server).RunAsync("backup", Target, "--json"));

        Assert.Equal(4, first.GetProperty("copied").GetInt64());
        Assert.Equal(2, second.GetProperty("copied").GetInt64());
        Assert.Equal(1, second.GetProperty("pruned").GetInt32());
        Assert.Equal(6, second.GetProperty("manifest").GetProperty("content").GetProperty("count").GetInt64());
        Assert.Single(Directory.GetFiles(Target, "ncr-*.db"));
        await NcrCli.Create().RunAsync("verify", Target);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.GetFiles(Path.Combine(Target, "keys"))[0]));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.GetFiles(Target, "ncr-*.db")[0]));
        }
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Backup_EndedInTheMiddle_LeavesTheEarlierOneGood_AndTheNextOneWorks(string signal)
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        await client.PushAsync(new ImageBuilder(1), "v1");
        await NcrCli.On(server).RunAsync("backup", Target);
        string earlier;
        (int ExitCode, string Error) ended;
        var content = 2; // A layer and the configuration.
        var megabytes = 128;
        do
        {
            // A copy that was done before the signal came proves nothing: the next one gets more to do.
            earlier = await File.ReadAllTextAsync(Path.Combine(Target, "backup.json"));
            await client.PushAsync(new ImageBuilder(layerContents: [.. Enumerable.Range(0, megabytes / 16).Select(_ => Oci.RandomBytes(16 << 20))]), $"v{megabytes}");
            content += (megabytes / 16) + 1;
            ended = await EndInTheMiddleAsync(server, signal);
            megabytes *= 2;
        }
        while (ended.ExitCode == 0 && megabytes <= 1024);

        if (signal == "KILL")
        {
            Assert.Equal(128 + 9, ended.ExitCode);
        }
        else
        {
            Assert.Equal(1, ended.ExitCode);
            Assert.Contains("Stopped before the end", ended.Error, StringComparison.Ordinal);
            Assert.Single(Directory.GetFiles(Target, "ncr-*.db"));
            using var data = DataFolder.Join(server.DataFolder);
            Assert.False(BackupLease.IsHeld(data));
        }

        Assert.Equal(earlier, await File.ReadAllTextAsync(Path.Combine(Target, "backup.json")));
        await NcrCli.Create().RunAsync("verify", Target);
        await NcrCli.On(server).RunAsync("backup", Target);
        var verified = Json(await NcrCli.Create().RunAsync("verify", Target, "--json"));
        Assert.Equal(content, verified.GetProperty("content").GetInt64());
        Assert.Equal(content, ContentFiles().Length);
    }

    /// <summary>Sends a signal to a backup as soon as it has begun to copy.</summary>
    private async Task<(int ExitCode, string Error)> EndInTheMiddleAsync(NcrServer server, string signal)
    {
        var files = ContentFiles().Length;
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Ncr.Web.dll"), "backup", Target, "--data", server.DataFolder]) { RedirectStandardError = true };
        using var backup = Process.Start(start)!;
        var error = backup.StandardError.ReadToEndAsync();
        await Wait.UntilAsync(() => backup.HasExited || ContentFiles().Length > files);
        if (!backup.HasExited)
        {
            using var kill = Process.Start("kill", [$"-{signal}", backup.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        await backup.WaitForExitAsync();
        return (backup.ExitCode, await error);
    }

    [Fact]
    public async Task Verify_OfADamagedBackup_NamesTheTagsThatNeedIt()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        var (whole, changed, cut) = (new ImageBuilder(1), new ImageBuilder(1), new ImageBuilder(1));
        await client.PushAsync(whole, "whole");
        await client.PushAsync(changed, "changed");
        await client.PushAsync(cut, "cut");
        await NcrCli.On(server).RunAsync("backup", Target);
        var bytes = await File.ReadAllBytesAsync(FileOf(changed.LayerDigests[0]));
        bytes[17] ^= 1;
        await File.WriteAllBytesAsync(FileOf(changed.LayerDigests[0]), bytes);
        await File.WriteAllBytesAsync(FileOf(cut.LayerDigests[0]), [1, 2, 3]);
        File.Delete(FileOf(cut.ConfigDigest));

        var result = await NcrCli.Create().FailAsync("verify", Target);
        var refused = await NcrCli.On(_folder["data"]).FailAsync("restore", Target);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{changed.LayerDigests[0]}: Its bytes have changed", result.Out, StringComparison.Ordinal);
        Assert.Contains($"{cut.LayerDigests[0]}: It has 3 bytes instead of 256", result.Out, StringComparison.Ordinal);
        Assert.Contains($"{cut.ConfigDigest}: It is missing", result.Out, StringComparison.Ordinal);
        Assert.Contains($"needed by {client.Name}:changed", result.Out, StringComparison.Ordinal);
        Assert.Contains($"needed by {client.Name}:cut", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain($"{client.Name}:whole", result.Out, StringComparison.Ordinal);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--skip-verify", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder["data"], "ncr.db")));
        var partly = await NcrCli.On(_folder["data"]).FailAsync("restore", Target, "--skip-verify");
        Assert.Contains($"needed by {client.Name}:changed", partly.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder["data"], "ncr.db")));
    }

    [Fact]
    public async Task Verify_OfTheDataFolder_ReadsItBesideItsServer()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        var image = new ImageBuilder(1);
        await client.PushAsync(image, "v1");
        await NcrCli.On(server).RunAsync("verify");
        using (var database = Open(Path.Combine(server.DataFolder, "ncr.db")))
        {
            Execute(database, "UPDATE Manifests SET Payload = x'7B7D'");
        }

        var result = await NcrCli.On(server).FailAsync("verify", "--json");

        var damage = Json(result).GetProperty("damage").EnumerateArray().Single();
        Assert.Equal("manifest", damage.GetProperty("what").GetString());
        Assert.Equal($"{client.Name}:v1", damage.GetProperty("affected")[0].GetString());
    }

    [Fact]
    public async Task Backup_OfAServiceThatLacksContent_IsMadeAndSaysSo()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        var (lost, kept) = (new ImageBuilder(1), new ImageBuilder(1));
        await client.PushAsync(lost, "lost");
        await client.PushAsync(kept, "kept");
        File.Delete(FileOf(lost.LayerDigests[0], server.DataFolder));

        var result = await NcrCli.On(server).FailAsync("backup", Target);
        await NcrCli.On(_folder["data"]).FailAsync("restore", Target);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The backup is in place", result.Error, StringComparison.Ordinal);
        Assert.Contains($"needed by {client.Name}:lost", result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(FileOf(kept.LayerDigests[0], _folder["data"])));
    }

    [Fact]
    public async Task Restore_IntoAFolderInUse_IsRefused_AndWithForceMovesItAside()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        await client.PushAsync(new ImageBuilder(1), "saved");
        await NcrCli.On(server).RunAsync("backup", Target);
        await client.PushAsync(new ImageBuilder(1), "later");

        var running = await NcrCli.On(server).FailAsync("restore", Target, "--force");
        await server.StopAsync();
        var occupied = await NcrCli.On(server).FailAsync("restore", Target);
        var result = Json(await NcrCli.On(server).RunAsync("restore", Target, "--force", "--json"));
        using (var pooled = new SqliteConnection(DataFolder.ConnectionString(Path.Combine(server.DataFolder, "ncr.db"))))
        {
            SqliteConnection.ClearPool(pooled); // This process, which was the server, still has the moved file open.
        }

        await server.RestartAsync();

        Assert.Equal((2, 2), (running.ExitCode, occupied.ExitCode));
        Assert.Contains("Another NCR is running", running.Error, StringComparison.Ordinal);
        Assert.Contains("not empty", occupied.Error, StringComparison.Ordinal);
        Assert.Contains("--force", occupied.Error, StringComparison.Ordinal);
        var aside = result.GetProperty("movedAside").GetString()!;
        Assert.True(File.Exists(Path.Combine(aside, "ncr.db")));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(aside, "blobs"), "*", SearchOption.AllDirectories));
        Assert.Equal(["saved"], await new RegistryClient(http, client.Name).TagsAsync());
        Assert.Contains("backup", (await NcrCli.On(server).RunAsync("backup", Target)).Out, StringComparison.Ordinal); // The same service still.
    }

    [Fact]
    public async Task Restore_CutShort_KeepsServersOut_UntilItWasRunAgain()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        await client.PushAsync(new ImageBuilder(1), "v1");
        await NcrCli.On(server).RunAsync("backup", Target);
        var data = Directory.CreateDirectory(_folder["data"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "restore.incomplete"), "");
        Directory.CreateDirectory(Path.Combine(data, "blobs"));

        var start = await NcrCli.On(data).FailAsync("--urls", "http://127.0.0.1:0");
        await NcrCli.On(data).RunAsync("restore", Target);

        Assert.Contains("did not get to its end", start.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(data, "restore.incomplete")));
        await NcrCli.On(data).RunAsync("verify");
    }

    [Fact]
    public async Task Restore_OfANewerBackup_IsRefused()
    {
        await using var server = await NcrServer.StartAsync();
        await NcrCli.On(server).RunAsync("backup", Target);
        var path = Path.Combine(Target, "backup.json");
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        using (var database = Open(Path.Combine(Target, manifest["database"]!["file"]!.GetValue<string>())))
        {
            Execute(database, "INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99')");
        }

        var schema = await NcrCli.On(_folder["data"]).FailAsync("restore", Target);
        manifest["format"] = 2;
        await File.WriteAllTextAsync(path, manifest.ToJsonString());
        var format = await NcrCli.On(_folder["data"]).FailAsync("restore", Target);

        Assert.Contains("newer NCR (it has the change 29990101000000_Later)", schema.Error, StringComparison.Ordinal);
        Assert.Contains("its format is 2", format.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder["data"], "ncr.db")));
    }

    [Fact]
    public async Task Backup_ToAFolderWithSomethingElse_IsRefused()
    {
        await using var server = await NcrServer.StartAsync();
        await using var other = await NcrServer.StartAsync();
        Directory.CreateDirectory(_folder["photos"]);
        await File.WriteAllTextAsync(Path.Combine(_folder["photos"], "1.jpg"), "");
        await NcrCli.On(other).RunAsync("backup", Target);

        var photos = await NcrCli.On(server).FailAsync("backup", _folder["photos"]);
        var others = await NcrCli.On(server).FailAsync("backup", Target);
        var inside = await NcrCli.On(server).FailAsync("backup", Path.Combine(server.DataFolder, "copy"));

        Assert.Equal((2, 2), (photos.ExitCode, others.ExitCode));
        Assert.Contains("has other files in it", photos.Error, StringComparison.Ordinal);
        Assert.Contains("backup of another NCR", others.Error, StringComparison.Ordinal);
        Assert.Contains("can't be in the data folder", inside.Error, StringComparison.Ordinal);
    }

    [ToolFact("mount")]
    public async Task Backup_ToADiskWithoutRoom_SaysSo_AndTheEarlierOneIsGood()
    {
        await using var server = await NcrServer.StartAsync();
        using var http = server.CreateClient();
        var client = new RegistryClient(http, RegistryClient.UniqueName());
        await client.PushAsync(new ImageBuilder(1), "v1");
        Directory.CreateDirectory(Target);
        await new Cli("mount").RunAsync("-t", "tmpfs", "-o", "size=4m", "tmpfs", Target);
        try
        {
            await NcrCli.On(server).RunAsync("backup", Target);
            await client.PushAsync(new ImageBuilder(layerContents: [Oci.RandomBytes(8 << 20)]), "v2");

            var result = await NcrCli.On(server).FailAsync("backup", Target);

            Assert.Equal(1, result.ExitCode);
            Assert.Matches("The disk of '.*' has [0-9.]+ MB free, but new content needs 8\\.[0-9] MB\\. The backup that was there before, if any, is still good\\.", result.Error);
            await NcrCli.Create().RunAsync("verify", Target);
            Assert.Single(Directory.GetFiles(Target, "ncr-*.db"));
        }
        finally
        {
            await new Cli("umount").RunAsync(Target);
        }
    }

    private static int Count<T>(Queue<T> queue)
    {
        lock (queue)
        {
            return queue.Count;
        }
    }

    private static JsonElement Json(CliResult result) => JsonDocument.Parse(result.Out).RootElement;

    private static async Task<byte[]> ReadAsync(RegistryClient client, string rest)
    {
        using var response = await client.GetAsync(rest, ("Accept", Oci.Manifest));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private string[] ContentFiles() => Directory.GetFiles(Path.Combine(Target, "blobs"), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".partial", StringComparison.Ordinal)).ToArray();

    /// <summary>The file of a blob in the backup, or in a data folder.</summary>
    private string FileOf(string digest, string? data = null)
    {
        using var database = Open(data is null ? Directory.GetFiles(Target, "ncr-*.db").Single() : Path.Combine(data, "ncr.db"));
        using var command = database.CreateCommand();
        command.CommandText = "SELECT Location FROM Blobs WHERE Digest = $digest";
        command.Parameters.AddWithValue("$digest", digest);
        return Path.Combine(data ?? Target, "blobs", (string)command.ExecuteScalar()!);
    }
}
