using MudBlazor;
using Ncr.Core.Events;

namespace Ncr.Web.Components.Pages.Audit;

/// <summary>Events in words.</summary>
internal static class AuditWords
{
    private const int ShortLength = 240;

    public static string NameOf(EventKind kind) => kind switch
    {
        EventKind.Deletions => "Deletions and restores",
        EventKind.Registries => "Registries and members",
        EventKind.SignIns => "Sign-ins",
        EventKind.Users => "Users and roles",
        EventKind.AccessKeys => "Access keys",
        _ => kind.ToString(),
    };

    /// <summary>What was done, in a word or two, before what it was done to.</summary>
    public static string What(string type) => type switch
    {
        EventTypes.RegistryCreated => "Created registry",
        EventTypes.RegistryChanged => "Changed registry",
        EventTypes.RegistryDeleted => "Deleted registry",
        EventTypes.RegistryRestored => "Restored registry",
        EventTypes.MemberChanged => "Changed a role",
        EventTypes.ImageDeleted => "Deleted image",
        EventTypes.ImageRestored => "Restored image",
        EventTypes.ArtifactPushed => "Pushed",
        EventTypes.ArtifactPulled => "Pulled",
        EventTypes.ArtifactDeleted => "Deleted artifact",
        EventTypes.ArtifactRestored => "Restored artifact",
        EventTypes.TagCreated => "Created tag",
        EventTypes.TagMoved => "Moved tag",
        EventTypes.TagDeleted => "Deleted tag",
        EventTypes.TagRestored => "Restored tag",
        EventTypes.DeletionPurged => "Deleted for good",
        EventTypes.SignedIn => "Signed in",
        EventTypes.SignInRefused => "Refused: sign-in",
        EventTypes.SessionsEnded => "Ended other sessions",
        EventTypes.UserCreated => "Created user",
        EventTypes.UserChanged => "Changed user",
        EventTypes.UserDeleted => "Deleted user",
        EventTypes.PasswordReset => "Changed password",
        EventTypes.AccessKeyCreated => "Created access key",
        EventTypes.AccessKeyChanged => "Changed access key",
        EventTypes.AccessKeyDeleted => "Deleted access key",
        EventTypes.AccessKeyRefused => "Refused: login",
        EventTypes.CommandRefused => "Refused: not allowed",
        EventTypes.StorageCollected => "Ran a collection",
        EventTypes.IntegrityStarted => "Started a check of the content",
        EventTypes.IntegrityStopped => "Stopped a check of the content",
        EventTypes.ContentDamaged => "Found damaged content",
        EventTypes.ContentRestored => "Found content whole again",
        _ => type,
    };

    public static string? MeaningOf(string type) => EventTypes.Recorded.FirstOrDefault(t => t.Name == type)?.Meaning;

    /// <summary>Who did it. Nobody known is who was refused before saying who they are.</summary>
    public static string Who(string actor) => actor.Length == 0 ? "unknown" : actor;

    /// <summary>As much of the details as two lines hold; an opened row has all.</summary>
    public static string Short(string details) => details.Length <= ShortLength ? details : string.Concat(details.AsSpan(0, ShortLength), "…");

    public static string IconOf(string type) => EventTypes.Recorded.FirstOrDefault(t => t.Name == type)?.Kinds switch
    {
        { } kinds when kinds.Contains(EventKind.Refusals) => Icons.Material.Outlined.Block,
        { } kinds when kinds.Contains(EventKind.Deletions) => type.EndsWith(".restore", StringComparison.Ordinal) ? Icons.Material.Outlined.RestoreFromTrash : Icons.Material.Outlined.Delete,
        { } kinds when kinds.Contains(EventKind.Pushes) => Icons.Material.Outlined.Upload,
        { } kinds when kinds.Contains(EventKind.Pulls) => Icons.Material.Outlined.Download,
        { } kinds when kinds.Contains(EventKind.Tags) => Icons.Material.Outlined.LocalOffer,
        { } kinds when kinds.Contains(EventKind.AccessKeys) => Icons.Material.Outlined.VpnKey,
        { } kinds when kinds.Contains(EventKind.SignIns) => Icons.Material.Outlined.Login,
        { } kinds when kinds.Contains(EventKind.Users) => Icons.Material.Outlined.Person,
        { } kinds when kinds.Contains(EventKind.Storage) => Icons.Material.Outlined.Storage,
        _ => Icons.Material.Outlined.Layers,
    };
}
