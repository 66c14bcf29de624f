using System.Net;
using Microsoft.Data.Sqlite;
using Ncr.Tests.Support;

namespace Ncr.Tests.Failures;

/// <summary>A database that others hold or that was damaged.</summary>
public sealed class DatabaseFaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-database-").FullName;

    private string Data => Path.Combine(_folder, "data");

    private string Database => Path.Combine(Data, "ncr.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Push_WhileAnotherProgramWrites_Is503ForAllAndGoesOnAfterIt()
    {
        await using var server = await NcrProcess.StartAsync(Data);
        var image = server.NewImage();
        var before = await image.PushAsync(new ImageBuilder(), "before");
        await using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            await other.OpenAsync();
            await ExecuteAsync(other, "BEGIN IMMEDIATE");
            var since = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, 30).Select(async i =>
            {
                using var answer = await image.PutManifestAsync($"t{i}", before.Body, Oci.Manifest);
                await answer.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "locked", "try again");
                Assert.NotNull(answer.Headers.RetryAfter);
            }));

            // Not one after the other: that would be minutes.
            Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30));
            Assert.Equal(before.Body, await image.Http.GetByteArrayAsync(new Uri(image.Url("manifests/before"), UriKind.Relative)));
            await ExecuteAsync(other, "ROLLBACK");
        }

        Assert.Equal(["before"], await image.TagsAsync());
        await image.PushAsync(new ImageBuilder(), "after");
        server.AssertLoggedOnce("locked");
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(100, 3000)]
    [InlineData(4096, 40 * 4096)]
    public async Task Start_OnADamagedDatabase_SaysSoInALine(int from, int length)
    {
        await using (var server = await NcrProcess.StartAsync(Data))
        {
            await server.NewImage().PushAsync(new ImageBuilder(), "before");
            await server.StopAsync();
        }

        await OverwriteAsync(from, length);

        var (code, output) = await NcrProcess.FailAsync(Data);

        Assert.Equal(1, code);
        Assert.Contains("NCR can't start.", output, StringComparison.Ordinal);
        Assert.Contains("backup", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_OnADatabaseDamagedMeanwhile_Say500AndWhatToDo()
    {
        await using var server = await NcrProcess.StartAsync(Data);
        var image = server.NewImage();
        for (var i = 0; i < 10; i++)
        {
            await image.PushAsync(new ImageBuilder(), $"t{i}");
        }

        await using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            await other.OpenAsync();
            await ExecuteAsync(other, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        await OverwriteAsync(4096, (int)new FileInfo(Database).Length - 4096);
        var broken = 0;
        for (var i = 0; i < 20; i++)
        {
            // Writing makes the caches stale, so that pages are read from the file again.
            using var answer = await image.PutManifestAsync("t", new ImageBuilder(0).Build(), Oci.Manifest);
            using var list = await image.GetAsync("tags/list");
            foreach (var response in new[] { answer, list }.Where(r => r.StatusCode == HttpStatusCode.InternalServerError))
            {
                await response.AssertErrorAsync(HttpStatusCode.InternalServerError, "UNKNOWN", "damaged", "backup");
                broken++;
            }
        }

        Assert.True(broken > 0, "Nobody noticed.");
        server.AssertLoggedOnce("damaged");
    }

    private async Task OverwriteAsync(int from, int length)
    {
        await using var file = new FileStream(Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = from;
        await file.WriteAsync(Oci.RandomBytes(length));
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own words.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
