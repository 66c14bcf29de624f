namespace Ncr.Tests.Support;

/// <summary>One server for all tests of a class; each test works on images of its own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public NcrServer Server { get; private set; } = null!;

    /// <summary>A client with the access key in a Basic header.</summary>
    public HttpClient Http { get; private set; } = null!;

    public HttpClient Anonymous { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await NcrServer.StartAsync();
        Http = Server.CreateClient();
        Anonymous = Server.CreateClient(authenticated: false);
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        Anonymous.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>A client for an image nobody else uses.</summary>
    public RegistryClient NewImage(string registry = "team") => new(Http, RegistryClient.UniqueName(registry));
}
