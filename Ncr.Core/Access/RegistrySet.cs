namespace Ncr.Core.Access;

/// <summary>The registries that somebody has a permission in, to narrow lists by.</summary>
/// <param name="Names">Their names; null for all.</param>
public sealed record RegistrySet(IReadOnlySet<string>? Names)
{
    public static RegistrySet All { get; } = new((IReadOnlySet<string>?)null);

    public bool IsAll => Names is null;

    public bool Contains(string registry) => Names?.Contains(registry) != false;
}
