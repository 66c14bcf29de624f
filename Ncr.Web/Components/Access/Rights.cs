using Ncr.Core.Access;

namespace Ncr.Web.Components.Access;

/// <summary>What the signed-in user may do, so that nothing is offered that Core would refuse. Core decides all the same.</summary>
public sealed class Rights
{
    private readonly IReadOnlySet<Permission> _everywhere;
    private readonly IReadOnlyDictionary<Permission, RegistrySet> _registries;

    private Rights(IReadOnlySet<Permission> everywhere, IReadOnlyDictionary<Permission, RegistrySet> registries) => (_everywhere, _registries) = (everywhere, registries);

    /// <summary>Nobody's.</summary>
    public static Rights None { get; } = new(new HashSet<Permission>(), new Dictionary<Permission, RegistrySet>());

    /// <summary>Whether it is allowed where no registry is meant.</summary>
    public bool May(Permission permission) => _everywhere.Contains(permission);

    /// <summary>Whether it is allowed in a registry.</summary>
    public bool May(Permission permission, string registry) => _registries.TryGetValue(permission, out var where) && where.Contains(registry);

    /// <summary>Whether it is allowed in some registry at least.</summary>
    public bool MaySomewhere(Permission permission) => _registries.TryGetValue(permission, out var where) && where is not { Names.Count: 0 };

    internal static async ValueTask<Rights> ReadAsync(AccessService access, Actor actor, CancellationToken cancellationToken)
    {
        var everywhere = new HashSet<Permission>();
        var registries = new Dictionary<Permission, RegistrySet>();
        foreach (var permission in Enum.GetValues<Permission>())
        {
            if (await access.IsAllowedAsync(actor, permission, null, cancellationToken))
            {
                everywhere.Add(permission);
            }

            registries[permission] = await access.RegistriesAsync(actor, permission, cancellationToken);
        }

        return new Rights(everywhere, registries);
    }

    /// <summary>Whether the two allow the same.</summary>
    internal bool IsSameAs(Rights other) =>
        _everywhere.SetEquals(other._everywhere) && _registries.Count == other._registries.Count && _registries.All(r => IsSame(r.Value, other._registries[r.Key]));

    private static bool IsSame(RegistrySet one, RegistrySet other) => one.IsAll ? other.IsAll : !other.IsAll && one.Names!.SetEquals(other.Names!);
}
