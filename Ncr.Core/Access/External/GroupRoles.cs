using Ncr.Core.Registries;

namespace Ncr.Core.Access.External;

/// <summary>Which group at the provider has which role here, as <c>Ncr:Oidc:Roles</c> says.</summary>
internal sealed class GroupRoles
{
    /// <summary>The first that somebody has is the one that counts.</summary>
    private static readonly Role[] Strongest = [Role.ProjectAdmin, Role.ProjectMember, Role.ServiceAdmin, Role.ServiceViewer, Role.ImageUploader];

    private readonly List<GroupRole> _roles = [];

    /// <summary>Reads <c>group=Role</c> and <c>group=Role@registry</c>, with commas between.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="faults">What is wrong with it is added here.</param>
    public static GroupRoles Read(string? text, ICollection<string> faults)
    {
        var read = new GroupRoles();
        foreach (var part in text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            if (read.Add(part) is { } fault)
            {
                faults.Add(fault);
            }
        }

        return read;
    }

    /// <summary>What groups give: the role everywhere, if any, and those in registries.</summary>
    public (Role? Role, IReadOnlyDictionary<string, Role> Registries) Of(IReadOnlyCollection<string> groups)
    {
        var mine = _roles.Where(r => groups.Contains(r.Group)).ToList();
        return (
            Best(mine.Where(r => r.Registry is null)),
            mine.Where(r => r.Registry is not null).GroupBy(r => r.Registry!).ToDictionary(g => g.Key, g => Best(g)!.Value));
    }

    private static Role? Best(IEnumerable<GroupRole> roles)
    {
        var given = roles.Select(r => r.Role).ToHashSet();
        return given.Count == 0 ? null : Strongest.First(given.Contains);
    }

    private string? Add(string part)
    {
        var equals = part.LastIndexOf('='); // A group's name may have one too.
        if (equals <= 0)
        {
            return $"'{part}' is no rule; write group=Role, or group=Role@registry.";
        }

        var (group, right) = (part[..equals].Trim(), part[(equals + 1)..].Split('@', 2, StringSplitOptions.TrimEntries));
        var registry = right.Length > 1 ? right[1] : null;
        IReadOnlyCollection<Role> allowed = registry is null ? Strongest : [.. RoleMatrix.RegistryRoles];
        if (!right[0].All(char.IsAsciiLetter) || !Enum.TryParse<Role>(right[0], ignoreCase: true, out var role) || !allowed.Contains(role))
        {
            return $"'{part}': {(registry is null ? "a role" : "a role in a registry")} is one of {string.Join(", ", allowed)}.";
        }

        if (registry is not null && !RegistryName.IsValid(registry))
        {
            return $"'{part}': {RegistryName.Explain(registry)}";
        }

        _roles.Add(new GroupRole(group, role, registry));
        return null;
    }
}
