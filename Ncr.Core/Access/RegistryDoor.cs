namespace Ncr.Core.Access;

/// <summary>From where a registry's images can be reached, and whether by anybody.</summary>
/// <param name="IsPublicUriOn">Off: only as private.</param>
/// <param name="Networks">The only networks; null for all.</param>
/// <param name="AllowsAnonymousPull">Whether anybody may pull.</param>
internal sealed record RegistryDoor(bool IsPublicUriOn, NetworkList? Networks, bool AllowsAnonymousPull)
{
    /// <summary>Of most registries, and of those that do not exist.</summary>
    public static RegistryDoor Open { get; } = new(true, null, false);

    public static RegistryDoor Of(bool isPublicUriOn, string? networks, bool allowsAnonymousPull) =>
        new(isPublicUriOn, networks is null ? null : NetworkList.Parse(networks), allowsAnonymousPull);
}
