using System.Globalization;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>A network of one client, joined to this machine by a cable: the machine is <c>.1</c> there and the client <c>.2</c>, and likewise over IPv6.</summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private static int _count;

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"ncr{Environment.ProcessId % 100_000}n{Interlocked.Increment(ref _count)}");
    private readonly Cli _ip = new(Tool.Require("ip"));

    private NetworkNamespace(int number) => Number = number;

    private int Number { get; }

    private string Prefix => string.Create(CultureInfo.InvariantCulture, $"198.18.{Number}");

    /// <summary>For settings.</summary>
    public string Networks => string.Create(CultureInfo.InvariantCulture, $"{Prefix}.0/24, fd00:198:{Number}::/64");

    /// <summary>This machine, as the client sees it.</summary>
    public string Machine => $"{Prefix}.1";

    public string MachineV6 => string.Create(CultureInfo.InvariantCulture, $"[fd00:198:{Number}::1]");

    /// <param name="number">Of the network, from those that are set aside for tests.</param>
    public static async Task<NetworkNamespace> CreateAsync(int number)
    {
        var network = new NetworkNamespace(number);
        var (name, ip) = (network._name, network._ip);
        await ip.RunAsync("netns", "add", name);
        await ip.RunAsync("link", "add", $"{name}h", "type", "veth", "peer", "name", "eth0", "netns", name);
        await ip.RunAsync("address", "add", $"{network.Machine}/24", "dev", $"{name}h");
        await ip.RunAsync("address", "add", $"{network.MachineV6.Trim('[', ']')}/64", "dev", $"{name}h", "nodad");
        await ip.RunAsync("link", "set", $"{name}h", "up");
        await ip.RunAsync("-n", name, "address", "add", $"{network.Prefix}.2/24", "dev", "eth0");
        await ip.RunAsync("-n", name, "address", "add", string.Create(CultureInfo.InvariantCulture, $"fd00:198:{number}::2/64"), "dev", "eth0", "nodad");
        await ip.RunAsync("-n", name, "link", "set", "eth0", "up");
        await ip.RunAsync("-n", name, "link", "set", "lo", "up");
        await ip.RunAsync("-n", name, "route", "add", "default", "via", network.Machine);
        return network;
    }

    /// <summary>The client, run in this network.</summary>
    public Cli Run(Cli client) => client with { Program = _ip.Program, CommonArguments = ["netns", "exec", _name, client.Program, .. client.CommonArguments] };

    public async ValueTask DisposeAsync()
    {
        await _ip.TryAsync("link", "delete", $"{_name}h");
        await _ip.TryAsync("netns", "delete", _name);
    }
}
