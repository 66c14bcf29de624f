using System.Net;
using System.Net.Sockets;

namespace Ncr.Core.Outgoing;

/// <summary>Makes the clients for everything that this server calls. Nothing else may call out: here it is decided what may be called, and how long and how large an answer may be.</summary>
public sealed class OutgoingHttp
{
    private readonly OutgoingPolicy _policy;
    private readonly TimeProvider _clock;

    internal OutgoingHttp(OutgoingPolicy policy, TimeProvider clock)
    {
        _policy = policy;
        _clock = clock;
    }

    /// <summary>Asks the name servers.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>A client to keep: it holds its connections. It throws <see cref="OutgoingException"/> for what does not come to its end.</summary>
    public HttpClient CreateClient(OutgoingLimits limits)
    {
        var client = new HttpClient(CreateHandler(limits)) { Timeout = Timeout.InfiniteTimeSpan }; // The handler's own covers reading the answer too.
        client.DefaultRequestHeaders.UserAgent.ParseAdd("NCR");
        return client;
    }

    private OutgoingHandler CreateHandler(OutgoingLimits limits)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // OutgoingHandler follows, and looks where to.
            UseCookies = false,
            UseProxy = _policy.Proxy is not null, // The environment's proxy is none of the settings'.
            Proxy = _policy.Proxy is { } proxy ? new OutgoingProxy(proxy) : null,
            ConnectTimeout = limits.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // Then names are looked up, and addresses judged, again.
            ConnectCallback = ConnectAsync,
        };
        return new OutgoingHandler(_policy, limits, _clock) { InnerHandler = sockets };
    }

    /// <summary>Resolves the name, judges each address and connects to one that was judged: between the two nobody can change what the name means.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellationToken);
        Exception? failure = null;
        foreach (var address in addresses)
        {
            if (_policy.Proxy is null) // Else this is the proxy, which the settings name; who is called through it was looked at by name.
            {
                _policy.CheckAddress(host, address);
            }

            var target = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(target, context.DnsEndPoint.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                failure = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new OutgoingException(OutgoingFault.Unreachable, $"'{host}' can't be reached on port {context.DnsEndPoint.Port}: {failure?.Message ?? "it has no address"}.", failure);
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Resolve(host, cancellationToken);
        }
        catch (SocketException exception)
        {
            throw new OutgoingException(OutgoingFault.Unreachable, $"There is no host '{host}', or the name servers don't answer: {exception.Message}.", exception);
        }
    }
}
