using System.Net;
using System.Net.Sockets;

namespace Ncr.Tests.Support;

/// <summary>A way to a server that can be cut and mended, as networks are.</summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly string _host;
    private readonly int _target;
    private readonly int _port = Ports.Free();
    private readonly List<Socket> _open = [];
    private TcpListener? _listener;

    public Relay(Uri target)
    {
        (_host, _target) = (target.Host, target.Port);
        Mend();
    }

    public Uri Url => new($"http://127.0.0.1:{_port}/");

    /// <summary>Ends all connections and takes no more.</summary>
    public void Cut()
    {
        _listener?.Dispose();
        _listener = null;
        lock (_open)
        {
            _open.ForEach(s => s.Dispose());
            _open.Clear();
        }
    }

    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await listener.AcceptSocketAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It was cut.
        }
    }

    private async Task CarryAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_open)
        {
            _open.AddRange([client, server]);
        }

        try
        {
            await server.ConnectAsync(_host, _target);
            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
        finally
        {
            client.Dispose();
            server.Dispose();
            lock (_open)
            {
                _open.Remove(client);
                _open.Remove(server);
            }
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        try
        {
            await using var source = new NetworkStream(from);
            await using var target = new NetworkStream(to);
            await source.CopyToAsync(target);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
