using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Data;
using Ncr.Tests.Support;

namespace Ncr.Tests.Failures;

/// <summary>
/// Rule C1 as the system sees it: when a 201 leaves, everything that it promises has been flushed, in an order that a power cut at any
/// moment leaves either whole or absent. States the rule, not how it is kept: any way of writing that keeps it passes.
/// </summary>
public sealed class PowerLossTests : IDisposable
{
    private const string Calls = "trace=openat,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,sendto,sendmsg";
    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-power-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ToolFact("strace")]
    public async Task Created_IsAnsweredOnly_AfterAllItPromisesIsFlushed()
    {
        var data = Path.Combine(_folder, "data");
        var record = Path.Combine(_folder, "calls");
        var content = Oci.RandomBytes((3 << 20) + 17);
        var config = "{\"architecture\":\"amd64\",\"os\":\"linux\"}"u8.ToArray();
        string location;
        await using (var server = await NcrProcess.StartAsync(data, ["strace", "-f", "-y", "-qq", "-s", "120", "-e", Calls, "-e", "signal=none", "-o", record]))
        {
            var image = server.NewImage();
            var digest = await image.PushBlobAsync(content);
            await image.PushBlobAsync(config);
            await image.PushManifestAsync(new ImageBuilder(config: config, layerContents: [content]).Build(), Oci.Manifest, "v1");
            location = await FindLocationAsync(data, digest);
            await server.StopAsync();
        }

        var calls = SystemCall.Parse(await File.ReadAllLinesAsync(record));
        var file = Path.Combine(data, "blobs", location);
        var created = calls.Where(c => c.Name is "sendto" or "sendmsg" or "write" or "writev" && c.Text.Contains("HTTP/1.1 201", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, created.Count);

        // The content: all bytes written, then flushed.
        var names = calls.Where(c => c.Name.StartsWith("rename", StringComparison.Ordinal) || c.Name.StartsWith("link", StringComparison.Ordinal))
            .Where(c => c.Quoted is [.., var to] && to == file).SelectMany(c => c.Quoted).Append(file).ToHashSet();
        var writes = calls.Where(c => c.IsWrite && c.File is { } f && names.Contains(f)).ToList();
        Assert.Equal(content.Length, writes.Sum(w => w.Result));
        var flush = calls.FirstOrDefault(c => c.IsFlush && c.Result == 0 && c.File is { } f && names.Contains(f) && c.Begin > writes.Max(w => w.End))
            ?? throw Broken("The content is not flushed after its last byte.", calls);

        // Its name in its folder: made, then the folder flushed. Made early, it may be flushed early.
        var named = calls.Last(c => c.Result >= 0 && c.Quoted.Contains(file) && (c.Name != "openat" || c.Text.Contains("O_CREAT", StringComparison.Ordinal)));
        var folder = calls.FirstOrDefault(c => c.IsFlush && c.Result == 0 && c.File == Path.GetDirectoryName(file) && c.Begin > named.End)
            ?? throw Broken("The folder is not flushed after the content got its name.", calls);

        // The row: written to the log after all that, and flushed.
        var commit = CommitBefore(created[0], Math.Max(flush.End, folder.End), calls);
        Assert.True(commit.End < created[0].Begin);

        // The other blob, and the manifest, which is in the database: a commit of their own between two answers.
        CommitBefore(created[1], created[0].Begin, calls);
        CommitBefore(created[2], created[1].Begin, calls);
    }

    [Fact]
    public async Task Database_OfARunningServer_LogsAheadAndFlushesEachCommit()
    {
        await using var server = await NcrServer.StartAsync();
        await using var db = await server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();

        Assert.Equal("wal", (await db.Database.SqlQueryRaw<string>("SELECT \"journal_mode\" AS \"Value\" FROM pragma_journal_mode").ToListAsync()).Single());
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = "PRAGMA synchronous";
        Assert.Equal(2L, await command.ExecuteScalarAsync()); // FULL
    }

    [ToolFact("strace")]
    public async Task Put_WhenTheFlushFails_IsNeitherConfirmedNorBelievedLater()
    {
        var data = Path.Combine(_folder, "data");
        await using var server = await NcrProcess.StartAsync(data);
        var image = server.NewImage();
        var body = Oci.RandomBytes(100_000);
        var location = await image.OpenUploadAsync();
        using (var patch = await image.PatchAsync(location, body))
        {
            Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
        }

        // From now on every flush fails as on a disk that is dying.
        using (var tracer = Process.Start(new ProcessStartInfo("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", "-p", $"{server.Id}"]))!)
        {
            await server.WhenTracedAsync();
            using (var put = await image.FinishAsync(location, Oci.Digest(body)))
            {
                await put.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "disk");
            }

            using (var manifest = await image.PutManifestAsync("v1", new ImageBuilder(0).Build(), Oci.Manifest))
            {
                Assert.NotEqual(HttpStatusCode.Created, manifest.StatusCode);
            }

            await new Cli("kill").RunAsync("-INT", $"{tracer.Id}");
            await tracer.WaitForExitAsync();
        }

        // The disk is well again: what it lost is not taken for stored.
        using (var again = await image.FinishAsync(location, Oci.Digest(body)))
        {
            await again.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }

        await image.PushAsync(new ImageBuilder(layerContents: [body]), "v1");
        Assert.Equal(["v1"], await image.TagsAsync());
        server.AssertLoggedOnce("reports errors");
    }

    private static SystemCall CommitBefore(SystemCall answer, int after, IReadOnlyList<SystemCall> calls)
    {
        var written = calls.Where(c => c.IsWrite && c.File?.EndsWith("ncr.db-wal", StringComparison.Ordinal) == true && c.Begin > after && c.End < answer.Begin).ToList();
        if (written.Count == 0)
        {
            throw Broken($"Nothing is written to the log between {after} and the answer at {answer.Begin}.", calls);
        }

        return calls.LastOrDefault(c => c.IsFlush && c.Result == 0 && c.File?.EndsWith("ncr.db-wal", StringComparison.Ordinal) == true && c.Begin > written[^1].End && c.End < answer.Begin)
            ?? throw Broken($"The log is not flushed between its last write and the answer at {answer.Begin}.", calls);
    }

    private static InvalidOperationException Broken(string rule, IReadOnlyList<SystemCall> calls) =>
        new($"{rule}\n{string.Join('\n', calls.Where(c => c.IsFlush || c.IsWrite || c.Name.StartsWith("rename", StringComparison.Ordinal)).TakeLast(150))}");

    private static async Task<string> FindLocationAsync(string data, string digest)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "ncr.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT Location FROM Blobs WHERE Digest = $digest";
        command.Parameters.AddWithValue("$digest", digest);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
