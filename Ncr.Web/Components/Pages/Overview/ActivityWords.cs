using System.Globalization;
using Ncr.Core.Blobs;
using Ncr.Core.Events;
using Ncr.Core.Figures;

namespace Ncr.Web.Components.Pages.Overview;

/// <summary>Events in words: who – verb – tags – preposition – where, or what.</summary>
internal static class ActivityWords
{
    public static string Verb(ActivityRow row) => row.Type switch
    {
        EventTypes.RegistryCreated => "created the registry",
        EventTypes.RegistryChanged => "changed the registry",
        EventTypes.RegistryDeleted => "deleted the registry",
        EventTypes.RegistryRestored => "restored the registry",
        EventTypes.ImageDeleted => "deleted the image",
        EventTypes.ImageRestored => "restored the image",
        EventTypes.ArtifactPushed when row.Count > 1 => $"pushed {Number(row.Count)} times",
        EventTypes.ArtifactPushed => row.TagCount > 0 ? "pushed" : "pushed an artifact",
        EventTypes.ArtifactDeleted => $"deleted {Artifacts(row)}",
        EventTypes.ArtifactRestored => $"restored {Artifacts(row)}",
        EventTypes.TagCreated => "created the tag",
        EventTypes.TagMoved => "moved the tag",
        EventTypes.TagDeleted => row.TagCount > 1 ? "deleted the tags" : "deleted the tag",
        EventTypes.TagRestored => row.TagCount > 1 ? "restored the tags" : "restored the tag",
        EventTypes.StorageCollected => "ran a collection:",
        EventTypes.UserCreated => "created the user",
        EventTypes.PasswordReset => "reset the password of",
        EventTypes.AccessKeyCreated => "created the access key",
        EventTypes.AccessKeyChanged => "changed the access key",
        EventTypes.AccessKeyDeleted => "deleted the access key",
        EventTypes.ContentDamaged => "found damaged content:",
        EventTypes.ContentRestored => "found content whole again:",
        EventTypes.SignedIn => "signed in",
        EventTypes.SignInRefused => "somebody was refused to sign in as",
        EventTypes.SessionsEnded => "ended other sessions of",
        EventTypes.UserChanged => "changed the user",
        EventTypes.UserDeleted => "deleted the user",
        EventTypes.MemberChanged => "changed a role in",
        EventTypes.DeletionPurged => "deleted for good what was in",
        EventTypes.IntegrityStarted => "started a check of the content:",
        EventTypes.IntegrityStopped => "stopped a check of the content",
        _ => row.Type,
    };

    /// <summary>Stands before the image or registry; null when the verb leads to it.</summary>
    public static string? Preposition(ActivityRow row) => row.Type switch
    {
        EventTypes.ArtifactPushed => "to",
        EventTypes.TagCreated or EventTypes.TagMoved => "in",
        EventTypes.ArtifactDeleted or EventTypes.TagDeleted => "from",
        EventTypes.ArtifactRestored or EventTypes.TagRestored => "in",
        _ => null,
    };

    /// <summary>What it is about when that is no image and no registry; null when nothing says.</summary>
    public static string? Object(ActivityRow row) => row.Type is EventTypes.ContentDamaged or EventTypes.ContentRestored
        ? Digest.TryParse(row.Digest, out var digest) ? digest.Short : row.Digest
        : row.Details;

    private static string Artifacts(ActivityRow row) => row.Count > 1 ? $"{Number(row.Count)} artifacts" : "an artifact";

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
