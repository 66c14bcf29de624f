namespace Ncr.Core.Access;

/// <summary>The things that can be allowed, by name. <see cref="AccessService"/> alone decides who has which.</summary>
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
    ManageOwnAccessKeys,

    /// <summary>Seeing that others' keys are there and how old they are; never their secrets.</summary>
    ViewAllAccessKeys,

    ManageStorage,
}
