using System.Text;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>The clients run one class after the other: they are heavy, and side by side they only slow each other down.</summary>
[CollectionDefinition(Name)]
public sealed class ClientGroup
{
    public const string Name = "Clients";
}

/// <summary>A server for the tests of one class, and a folder for what its clients keep.</summary>
public sealed class ClientFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ncr-cl-");
    private NcrServer? _second;
    private int _folders;

    public NcrServer Server { get; private set; } = null!;

    /// <summary>What the server holds, seen without any client.</summary>
    public Wire Wire { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await NcrServer.StartAsync();
        Wire = new Wire(Server);
    }

    public async Task DisposeAsync()
    {
        // Null where the server did not start, which the tests then say.
        Wire?.Dispose();
        foreach (var server in new[] { Server, _second }.OfType<NcrServer>())
        {
            await server.DisposeAsync();
        }

        await DockerDaemon.RemoveAsync(_folder.FullName);
    }

    /// <summary>Another server with data of its own, made when first asked for.</summary>
    public async Task<NcrServer> SecondServerAsync() => _second ??= await NcrServer.StartAsync();

    public string NewFolder() => _folder.CreateSubdirectory($"{Interlocked.Increment(ref _folders)}").FullName;

    /// <summary>A client with a home folder of its own, so that it is logged in nowhere and reads nobody's settings.</summary>
    public Cli NewClient(string tool, params (string Name, string Value)[] environment)
    {
        var home = NewFolder();
        var variables = new Dictionary<string, string?>
        {
            ["HOME"] = home,
            ["XDG_RUNTIME_DIR"] = home,
            ["XDG_CONFIG_HOME"] = null,
            ["XDG_CACHE_HOME"] = null,
            ["XDG_DATA_HOME"] = null,
            ["DOCKER_CONFIG"] = home,
            ["REGISTRY_AUTH_FILE"] = Path.Combine(home, "auth.json"),
        };
        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        return new Cli(Tool.Require(tool)) { Environment = variables, WorkingDirectory = home };
    }

    /// <summary>A crane that is logged in on the servers.</summary>
    public Cli NewCrane(params NcrServer[] servers)
    {
        var client = NewClient("crane");
        LogIn(client, servers.Length == 0 ? [Server] : servers);
        return client;
    }

    /// <summary>Writes the file that <c>docker login</c> would leave, for clients whose own login is not what is tested.</summary>
    public static void LogIn(Cli client, params NcrServer[] servers) => Write(client, servers.Select(s => (s, s.Host)));

    /// <summary>The same for one server by another of its addresses.</summary>
    public static void LogIn(Cli client, NcrServer server, string host) => Write(client, [(server, host)]);

    private static void Write(Cli client, IEnumerable<(NcrServer Server, string Host)> servers)
    {
        var entries = servers.Select(s =>
            $$"""  "{{s.Host}}": { "auth": "{{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{s.Server.AccessKey}:{s.Server.SecretKey}"))}}" }""");
        var file = Path.Combine(client.Environment["DOCKER_CONFIG"]!, "config.json");
        File.WriteAllText(file, $$"""{ "auths": { {{string.Join(",\n", entries)}} } }""");
    }
}
