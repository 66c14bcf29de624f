namespace Ncr.Core.Access;

/// <summary>Permissions as refusals name them to people.</summary>
internal static class PermissionWords
{
    /// <summary>After "to".</summary>
    public static string Of(Permission permission) => permission switch
    {
        Permission.ViewRegistries => "see registries",
        Permission.CreateRegistry => "create registries",
        Permission.ChangeRegistry => "change the settings of registries",
        Permission.DeleteRegistry => "delete registries",
        Permission.ViewImages => "see images",
        Permission.PullImage => "pull images",
        Permission.PushImage => "push images",
        Permission.DeleteImage => "delete images",
        Permission.DeleteArtifact => "delete artifacts",
        Permission.CreateTag => "create tags",
        Permission.DeleteTag => "delete tags",
        Permission.RestoreDeleted => "restore what was deleted",
        Permission.ManageMembers => "give roles in a registry",
        Permission.ViewAudit => "see what was done",
        Permission.ManageOwnAccessKeys => "have access keys",
        Permission.ManageUsers => "manage users",
        Permission.ManageStorage => "manage the storage",
        _ => throw new ArgumentOutOfRangeException(nameof(permission), permission, null),
    };
}
