using System.Net;
using System.Net.Sockets;
using Ncr.Tests.Support;

namespace Ncr.Tests.Failures;

/// <summary>A server that reached the limit of open files.</summary>
public sealed class TooManyFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ToolFact("prlimit")]
    public async Task Requests_WithAllFilesOpen_Are503UntilSomeAreClosed()
    {
        await using var server = await ServerProcess.StartAsync(Path.Combine(_folder, "data"), ["prlimit", "--nofile=400:400"]);
        var image = server.NewImage();
        var builder = new ImageBuilder();
        await image.PushAsync(builder, "before");
        using (var whole = await image.GetAsync($"blobs/{builder.ConfigDigest}"))
        {
            Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        }

        var held = new List<Socket>();
        var unavailable = 0;
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, server.Url.Port);
                held.Add(socket);
            }

            await Task.Delay(500);
            for (var i = 0; i < 30; i++)
            {
                using var start = await image.StartUploadAsync();
                if (start.StatusCode != HttpStatusCode.Accepted)
                {
                    await start.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "try again");
                    Assert.NotNull(start.Headers.RetryAfter);
                    unavailable++;
                }
            }
        }
        finally
        {
            held.ForEach(s => s.Dispose());
        }

        Assert.True(unavailable > 0, server.Output);
        await Task.Delay(1000);
        await server.NewImage().PushAsync(new ImageBuilder(), "after"); // On a new connection too.
        await image.PushAsync(new ImageBuilder(), "after");
        server.AssertLoggedOnce("files are open");
    }
}
