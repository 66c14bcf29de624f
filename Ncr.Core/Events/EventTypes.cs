namespace Ncr.Core.Events;

/// <summary>The kinds of events.</summary>
public static class EventTypes
{
    public const string RegistryCreated = "registry.create";
    public const string RegistryDeleted = "registry.delete";
    public const string RegistryChanged = "registry.update";
    public const string RegistryRestored = "registry.restore";
    public const string ImageRestored = "image.restore";
    public const string ArtifactRestored = "artifact.restore";
    public const string TagRestored = "tag.restore";

    /// <summary>An existing tag was pointed to another artifact in the console.</summary>
    public const string TagMoved = "tag.move";

    public const string ImageDeleted = "image.delete";
    public const string ArtifactPushed = "artifact.push";
    public const string ArtifactDeleted = "artifact.delete";
    public const string TagCreated = "tag.create";
    public const string TagDeleted = "tag.delete";
    public const string StorageCollected = "storage.collect";
    public const string UserCreated = "user.create";
    public const string UserChanged = "user.update";
    public const string UserDeleted = "user.delete";

    /// <summary>A role in a registry was given, changed or taken away.</summary>
    public const string MemberChanged = "registry_member.update";

    public const string SignedIn = "session.create";
    public const string SignInRefused = "session.refuse";

    /// <summary>Sessions were ended by their user.</summary>
    public const string SessionsEnded = "session.delete";

    public const string PasswordReset = "user.password_reset";
    public const string AccessKeyCreated = "access_key.create";
    public const string AccessKeyChanged = "access_key.update";
    public const string AccessKeyDeleted = "access_key.delete";
    public const string ContentDamaged = "content.damage";
    public const string ContentRestored = "content.restore";

    /// <summary>Something deleted was restored or deleted for good; only for open pages.</summary>
    public const string DeletionEnded = "deletion.end";

    /// <summary>A check of the content has moved on; only for open pages.</summary>
    public const string IntegrityRun = "integrity.run";
}
