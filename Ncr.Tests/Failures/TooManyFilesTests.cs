using System.Diagnostics;
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
    public async Task Connections_MoreThanFilesCanBeOpen_AreClosedAndTheOthersGoOn()
    {
        await using var server = await NcrProcess.StartAsync(Path.Combine(_folder, "data"), ["prlimit", "--nofile=520:520"]);
        var image = server.NewImage();
        await image.PushAsync(new ImageBuilder(), "before");
        var held = new List<Socket>();
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, server.Url.Port);
                held.Add(socket);
            }

            // Until the surplus is closed it counts too, and a push may be told to try again.
            await Wait.UntilAsync(() => held.Count(IsClosed) > 400);

            // Accepting again and again would fill the memory by and by.
            var before = MemoryOf(server);
            for (var i = 0; i < 10; i++)
            {
                await image.PushAsync(new ImageBuilder(), $"t{i}"); // On the connection that it has.
                await Task.Delay(300);
            }

            Assert.InRange(MemoryOf(server) - before, long.MinValue, 40 << 20);
        }
        finally
        {
            held.ForEach(s => s.Dispose());
        }

        await Task.Delay(1000);
        await server.NewImage().PushAsync(new ImageBuilder(), "after"); // On a new connection too.
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [ToolFact("prlimit")]
    public async Task Requests_WithAllFilesOpen_Are503UntilSomeMayBeOpened()
    {
        await using var server = await NcrProcess.StartAsync(Path.Combine(_folder, "data"));
        var image = server.NewImage();
        await image.PushAsync(new ImageBuilder(), "before");
        await LimitAsync(server, 10); // Fewer than it has: nothing can be opened any more.
        for (var i = 0; i < 30; i++)
        {
            using var start = await image.StartUploadAsync();
            await start.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "try again");
            Assert.NotNull(start.Headers.RetryAfter);
        }

        await LimitAsync(server, 1000);
        await server.NewImage().PushAsync(new ImageBuilder(), "after");
        await image.PushAsync(new ImageBuilder(), "after");
        server.AssertLoggedOnce("files are open");
    }

    private static bool IsClosed(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;

    private static async Task LimitAsync(NcrProcess server, int files) => await new Cli("prlimit").RunAsync("--pid", $"{server.Id}", $"--nofile={files}:");

    /// <returns>Bytes.</returns>
    private static long MemoryOf(NcrProcess server)
    {
        using var process = Process.GetProcessById(server.Id);
        return process.WorkingSet64;
    }
}
