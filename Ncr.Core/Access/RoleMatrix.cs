using System.Collections.Frozen;

namespace Ncr.Core.Access;

/// <summary>
/// Which role allows what: the one place that says so, which the code, the page of the docs and the tests all read. The rows are NCR's, those it leaves open are
/// marked: changing is for the three admin roles, seeing for everybody.
/// </summary>
public static class RoleMatrix
{
    /// <summary>The matrix, in the order that it is shown in.</summary>
    public static IReadOnlyList<MatrixRow> Rows { get; } =
    [
        new("View registries", RoleGroup.All, Permission.ViewRegistries),
        new("Create and delete registries", RoleGroup.Admins, Permission.CreateRegistry, Permission.DeleteRegistry),
        new("Change the settings of registries", RoleGroup.Admins, Permission.ChangeRegistry) { IsBeyondNcr = true },
        new("View images, artifacts and tags", RoleGroup.All, Permission.ViewImages),
        new("Pull images", RoleGroup.Admins | RoleGroup.Viewer, Permission.PullImage),
        new("Push images", RoleGroup.Admins | RoleGroup.Uploader, Permission.PushImage),
        new("Delete images", RoleGroup.Admins, Permission.DeleteImage),
        new("Delete artifacts", RoleGroup.Admins, Permission.DeleteArtifact),
        new("Create and delete artifact tags", RoleGroup.Admins, Permission.CreateTag, Permission.DeleteTag),
        new("Restore what was deleted", RoleGroup.Admins, Permission.RestoreDeleted) { IsBeyondNcr = true },
        new("Give roles in a registry", RoleGroup.Admins, Permission.ManageMembers) { IsBeyondNcr = true },
        new("See what was done in registries", RoleGroup.Admins, Permission.ViewAudit) { IsBeyondNcr = true },
        new("Have access keys of one's own", RoleGroup.All, Permission.ManageOwnAccessKeys) { IsBeyondNcr = true },
        new("Manage users, and see what was done with them", RoleGroup.ProjectAdmin, Permission.ManageUsers) { IsBeyondNcr = true },
        new("Manage the storage", RoleGroup.ProjectAdmin, Permission.ManageStorage) { IsBeyondNcr = true },
    ];

    /// <summary>The roles that can be given in a single registry.</summary>
    public static IReadOnlyList<Role> RegistryRoles { get; } = [Role.ServiceAdmin, Role.ServiceViewer, Role.ImageUploader];

    private static readonly FrozenDictionary<Permission, RoleGroup> Groups = Rows.SelectMany(r => r.Permissions.Select(p => (p, r.Roles))).ToFrozenDictionary(p => p.p, p => p.Roles);

    /// <summary>Whether a role has a permission, wherever it was given.</summary>
    public static bool Allows(Role role, Permission permission) => Groups.TryGetValue(permission, out var group) && (group & GroupOf(role)) != 0;

    private static RoleGroup GroupOf(Role role) => role switch
    {
        Role.ProjectAdmin => RoleGroup.ProjectAdmin,
        Role.ProjectMember or Role.ServiceAdmin => RoleGroup.OtherAdmins,
        Role.ServiceViewer => RoleGroup.Viewer,
        Role.ImageUploader => RoleGroup.Uploader,
        _ => RoleGroup.None,
    };
}
