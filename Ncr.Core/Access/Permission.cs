namespace Ncr.Core.Access;

/// <summary>The things that can be allowed, by name. <see cref="RoleMatrix"/> says which role has which, <see cref="AccessService"/> alone decides.</summary>
public enum Permission
{
    ViewRegistries,
    CreateRegistry,
    ChangeRegistry,
    DeleteRegistry,
    ViewImages,
    PullImage,
    PushImage,
    DeleteImage,
    DeleteArtifact,
    CreateTag,
    DeleteTag,
    RestoreDeleted,

    /// <summary>Giving and taking roles in a registry.</summary>
    ManageMembers,

    /// <summary>What was done in registries.</summary>
    ViewAudit,

    ManageOwnAccessKeys,

    /// <summary>Users, their roles and keys, service accounts, and what was done with them.</summary>
    ManageUsers,

    /// <summary>The storage as a whole: collection, integrity check, what is held for restoring.</summary>
    ManageStorage,
}
