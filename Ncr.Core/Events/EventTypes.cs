namespace Ncr.Core.Events;

/// <summary>The types of events. Where NCR has a name for one, it is NCR's.</summary>
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

    /// <summary>A manifest was pulled, in a registry that records pulls.</summary>
    public const string ArtifactPulled = "artifact.pull";

    public const string ArtifactDeleted = "artifact.delete";
    public const string TagCreated = "tag.create";
    public const string TagDeleted = "tag.delete";

    /// <summary>What could have been restored was deleted for good by somebody, before its time.</summary>
    public const string DeletionPurged = "deletion.purge";

    public const string StorageCollected = "storage.collect";
    public const string IntegrityStarted = "integrity_check.start";
    public const string IntegrityStopped = "integrity_check.stop";
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

    /// <summary>A login with an access key was refused.</summary>
    public const string AccessKeyRefused = "access_key.refuse";

    /// <summary>Somebody known asked for what they may not do.</summary>
    public const string CommandRefused = "command.refuse";

    public const string ContentDamaged = "content.damage";
    public const string ContentRestored = "content.restore";

    /// <summary>Something deleted was restored or deleted for good; only for open pages.</summary>
    public const string DeletionEnded = "deletion.end";

    /// <summary>A check of the content has moved on; only for open pages.</summary>
    public const string IntegrityRun = "integrity.run";

    /// <summary>All that are recorded, in the order of docs/audit.md.</summary>
    public static IReadOnlyList<EventType> Recorded { get; } =
    [
        new(RegistryCreated, "A registry was created", EventKind.Registries),
        new(RegistryChanged, "The settings of a registry were changed", EventKind.Registries),
        new(RegistryDeleted, "A registry was deleted, with all in it", EventKind.Registries, EventKind.Deletions),
        new(RegistryRestored, "A deleted registry was restored", EventKind.Registries, EventKind.Deletions),
        new(MemberChanged, "A role in a registry was given, changed or taken away", EventKind.Registries, EventKind.Users),
        new(ImageDeleted, "An image was deleted", EventKind.Deletions),
        new(ImageRestored, "A deleted image was restored", EventKind.Deletions),
        new(ArtifactPushed, "An artifact was pushed, or copied in the console; one event for each tag", EventKind.Pushes),
        new(ArtifactPulled, "A manifest was pulled, in registries that record pulls", EventKind.Pulls),
        new(ArtifactDeleted, "An artifact was deleted", EventKind.Deletions),
        new(ArtifactRestored, "A deleted artifact was restored", EventKind.Deletions),
        new(TagCreated, "A tag was created in the console", EventKind.Tags),
        new(TagMoved, "A tag was pointed to another artifact in the console", EventKind.Tags),
        new(TagDeleted, "A tag was deleted, alone or with its artifact", EventKind.Tags, EventKind.Deletions),
        new(TagRestored, "A deleted tag was restored", EventKind.Tags, EventKind.Deletions),
        new(DeletionPurged, "Somebody deleted for good what could have been restored", EventKind.Deletions),
        new(SignedIn, "Somebody signed in to the console", EventKind.SignIns),
        new(SignInRefused, "A sign-in to the console was refused", EventKind.SignIns, EventKind.Refusals),
        new(SessionsEnded, "A user ended their other sessions", EventKind.SignIns),
        new(UserCreated, "A user or service account was created", EventKind.Users),
        new(UserChanged, "A user's role or state was changed, or a password link was made", EventKind.Users),
        new(UserDeleted, "A user was deleted", EventKind.Users),
        new(PasswordReset, "A password was changed", EventKind.Users),
        new(AccessKeyCreated, "An access key was created", EventKind.AccessKeys),
        new(AccessKeyChanged, "An access key was changed, switched on or off, or got a new secret", EventKind.AccessKeys),
        new(AccessKeyDeleted, "An access key was deleted", EventKind.AccessKeys),
        new(AccessKeyRefused, "A login with an access key was refused", EventKind.AccessKeys, EventKind.SignIns, EventKind.Refusals),
        new(CommandRefused, "Somebody asked for what their role or their access key does not allow", EventKind.Refusals),
        new(StorageCollected, "Somebody ran a collection of what nothing needs", EventKind.Storage),
        new(IntegrityStarted, "Somebody started a check of the content", EventKind.Storage),
        new(IntegrityStopped, "Somebody stopped a check of the content", EventKind.Storage),
        new(ContentDamaged, "A check found content that is damaged", EventKind.Storage),
        new(ContentRestored, "Damaged content is whole again", EventKind.Storage),
    ];

    /// <summary>The types of a kind.</summary>
    public static IReadOnlyList<string> Of(EventKind kind) => [.. Recorded.Where(t => t.Kinds.Contains(kind)).Select(t => t.Name)];
}
