namespace Ncr.Core.Access;

/// <summary>What an access key may be used for at most; its user's rights are the other bound.</summary>
/// <param name="Registries">The only registries, by name; null for all.</param>
/// <param name="MayPull">Whether it may pull.</param>
/// <param name="MayPush">Whether it may push, and delete where its user may.</param>
public sealed record KeyLimits(IReadOnlySet<string>? Registries, bool MayPull, bool MayPush)
{
    /// <summary>Of a key without limits.</summary>
    public static KeyLimits None { get; } = new(null, true, true);

    /// <summary>Whether a permission is within them. Of what belongs to no registry only seeing lists is; those are narrowed by <see cref="Registries"/>.</summary>
    public bool Allows(Permission permission, string? registry)
    {
        if (registry is not null && Registries?.Contains(registry) == false)
        {
            return false;
        }

        return permission switch
        {
            Permission.ViewRegistries or Permission.ViewImages => true,
            Permission.PullImage => MayPull,
            Permission.PushImage or Permission.DeleteArtifact or Permission.DeleteTag or Permission.CreateTag or Permission.DeleteImage => MayPush,
            _ => Registries is null && MayPull && MayPush,
        };
    }
}
