using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

/// <summary>A server whose requests come from several addresses of this machine: 127.0.0.2 is private, 127.0.0.9 a listed proxy, 127.0.0.8 one that is not.</summary>
public sealed class DoorSetup : IAsyncLifetime
{
    public const string Outside = "127.0.0.1";
    public const string Inside = "127.0.0.2";
    public const string Proxy = "127.0.0.9";
    public const string OtherProxy = "127.0.0.8";

    private readonly int _port = Ports.Free();

    public NcrServer Server { get; private set; } = null!;

    public Uri PrivateUrl => new($"http://127.0.0.1:{_port}/");

    public RegistryService Registries => Server.Services.GetRequiredService<RegistryService>();

    public async Task InitializeAsync() => Server = await NcrServer.StartAsync(s =>
    {
        s["Ncr:Private:Networks"] = $"{Inside}, 2001:db8::/32";
        s["Ncr:Private:Urls"] = $"http://127.0.0.1:{_port}";
        s["Ncr:Private:Address"] = "https://private.example.com";
        s["Ncr:ReverseProxy:Addresses"] = Proxy;
    });

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>A client with the administrator's key, or nobody's, that fetches tokens and connects from one of this machine's addresses.</summary>
    public HttpClient From(string address, bool isPrivateListener = false, bool isAnonymous = false)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var basic = isAnonymous ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Server.AccessKey}:{Server.SecretKey}")));
        return new HttpClient(new TokenFetcher(basic) { InnerHandler = handler }) { BaseAddress = isPrivateListener ? PrivateUrl : Server.Url };
    }

    /// <summary>A registry with an image, and these settings.</summary>
    public async Task<(string Image, PushedManifest Manifest, string Blob)> NewImageAsync(RegistrySettings settings)
    {
        var registry = (await Registries.CreateAsync(Server.Administrator, AccessSetup.NewName("r"), null, default)).Name;
        using var http = Server.CreateClient();
        var image = new RegistryClient(http, $"{registry}/app");
        var content = new ImageBuilder(1);
        var manifest = await image.PushAsync(content, "v1");
        await Registries.ChangeAsync(Server.Administrator, registry, settings, default);
        return (image.Name, manifest, content.LayerDigests[0]);
    }
}
