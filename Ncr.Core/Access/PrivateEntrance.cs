using Ncr.Core.Hosting;
using Ncr.Core.Registries;

namespace Ncr.Core.Access;

/// <summary>Who comes in as private: by the listener of its own, or from one of the private networks. What a request says of itself, such as its Host, never counts.</summary>
public sealed class PrivateEntrance
{
    private readonly NetworkList _networks;

    internal PrivateEntrance(NcrOptions options)
    {
        _networks = NetworkList.Parse(options.Private.Networks ?? "");
        Address = options.Private.Address is { } address ? new Uri(address) : null;
        Exists = options.Private.Urls is not null || !_networks.IsEmpty;
    }

    /// <summary>The private URI's address; null when the settings name none.</summary>
    public Uri? Address { get; }

    /// <summary>Whether anybody can come in as private on this server.</summary>
    public bool Exists { get; }

    public bool IsOpenTo(Actor actor) => actor.Entrance.HasFlag(Entrance.Private) || IsFrom(actor, _networks);

    /// <summary>Whether somebody is known to come from one of these networks.</summary>
    internal static bool IsFrom(Actor actor, NetworkList networks) => !actor.Entrance.HasFlag(Entrance.Relayed) && networks.Contains(actor.Address);

    /// <summary>Whether a registry's images can be reached from where somebody is.</summary>
    public bool Lets(Actor actor, RegistrySettings settings) => Lets(actor, RegistryDoor.Of(settings.IsPublicUriOn, settings.Networks, settings.AllowsAnonymousPull));

    internal bool Lets(Actor actor, RegistryDoor door) =>
        (door.IsPublicUriOn || IsOpenTo(actor)) && (door.Networks is null || IsFrom(actor, door.Networks));
}
