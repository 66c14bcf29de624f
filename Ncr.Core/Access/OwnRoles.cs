namespace Ncr.Core.Access;

/// <summary>What somebody is, for themselves to see.</summary>
/// <param name="Role">Everywhere.</param>
/// <param name="Registries">The roles in single registries, by name of the registry.</param>
public sealed record OwnRoles(Role Role, IReadOnlyList<KeyValuePair<string, Role>> Registries);
