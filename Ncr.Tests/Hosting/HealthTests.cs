using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Ncr.Tests.Support;

namespace Ncr.Tests.Hosting;

public sealed class HealthTests : IAsyncLifetime
{
    private NcrServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await NcrServer.StartAsync();
        _client = _server.CreateClient(authenticated: false);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("healthz")]
    [InlineData("readyz")]
    public async Task Ask_AHealthyServer_SaysOkToAnybody(string path)
    {
        using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("ok\n", await answer.Content.ReadAsStringAsync());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task Ready_WithADataFolderThatCannotBeWritten_SaysSo_AndRecovers()
    {
        // root may write everywhere, but nobody can write a file where a folder is.
        var obstacle = Directory.CreateDirectory(Path.Combine(_server.DataFolder, ".ready"));

        Assert.Equal("not ready: the data folder can't be written\n", await WaitForAsync(HttpStatusCode.ServiceUnavailable));

        obstacle.Delete();
        await WaitForAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Ready_WithADatabaseThatCannotBeRead_SaysSo_AndLivesOn()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_server.DataFolder, "ncr.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "ALTER TABLE Registries RENAME TO Elsewhere";
        await command.ExecuteNonQueryAsync();

        Assert.Equal("not ready: the database can't be read\n", await WaitForAsync(HttpStatusCode.ServiceUnavailable));

        using var alive = await _client.GetAsync(new Uri("healthz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task Ready_WhileStopping_SaysNo()
    {
        using var first = await _client.GetAsync(new Uri("readyz", UriKind.Relative));
        first.EnsureSuccessStatusCode();

        // Only told to: in a test nobody acts on it, so the connection stays open.
        _server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        using var answer = await _client.GetAsync(new Uri("readyz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("not ready: the server is stopping\n", await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> WaitForAsync(HttpStatusCode status)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            using var answer = await _client.GetAsync(new Uri("readyz", UriKind.Relative));
            if (answer.StatusCode == status)
            {
                return await answer.Content.ReadAsStringAsync();
            }

            Assert.True(since.Elapsed < TimeSpan.FromSeconds(20), $"Still {answer.StatusCode}.");
            await Task.Delay(200);
        }
    }
}
