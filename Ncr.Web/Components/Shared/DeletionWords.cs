using Ncr.Core.Deletions;

namespace Ncr.Web.Components.Shared;

/// <summary>How dialogs put what a deletion means.</summary>
internal static class DeletionWords
{
    /// <summary>From how many artifacts on a name has to be typed.</summary>
    public const int Many = 10;

    /// <summary>Whether there is a way back.</summary>
    public static string Closing(TimeSpan restoreTime) => restoreTime == TimeSpan.Zero
        ? ConfirmQuestion.NoWayBack
        : $"It can be restored under Recently deleted for {Words.Span(restoreTime)}; its content takes room until then.";

    public static string Freed(DeletionPreview preview) => preview.FreedSize == 0
        ? "no content: others need all of it"
        : $"{ByteSize.Format(preview.FreedSize)} of content that nothing else needs";
}
