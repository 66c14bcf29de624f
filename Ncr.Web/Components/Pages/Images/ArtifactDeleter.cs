using MudBlazor;
using Ncr.Core.Blobs;
using Ncr.Core.Deletions;
using Ncr.Core.Images;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>Deletes an artifact once the person has seen exactly what goes with it.</summary>
public sealed class ArtifactDeleter(ArtifactService artifacts, DeletionPreviewService previews, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar)
{
    private const int MaxNamed = 8;

    /// <returns>Whether it is gone.</returns>
    public async Task<bool> DeleteAsync(ImageName image, ArtifactRow row)
    {
        var digest = Digest.Parse(row.Digest);
        var going = (await previews.OfArtifactsAsync(await actor.GetAsync(), image, [digest], CancellationToken.None)).Artifacts;
        var confirmed = await dialogs.ConfirmAsync(
            $"Delete the artifact {digest.Short}?",
            going.Count > 1 ? $"Delete {Words.Count(going.Count, "artifact")}" : "Delete artifact",
            [$"From the image {image}, and it can't be pulled any more:"],
            Losses(going.Count == 0 ? [row] : going));
        return confirmed && await snackbar.TryAsync(async () =>
        {
            var count = await artifacts.DeleteAsync(await actor.GetAsync(), image, digest, withParts: true, CancellationToken.None);
            return count == 0 ? "It was deleted already." : $"{Words.Count(count, "artifact")} deleted.";
        });
    }

    private static List<string> Losses(IReadOnlyList<ArtifactRow> going)
    {
        List<string> losses = [.. going.Take(MaxNamed).Select(Describe)];
        if (going.Count > MaxNamed)
        {
            losses.Add($"and {going.Count - MaxNamed} more parts and attachments");
        }

        return losses;
    }

    private static string Describe(ArtifactRow row)
    {
        var more = row.TagCount > row.Tags.Count ? $" and {row.TagCount - row.Tags.Count} more" : "";
        var tags = row.TagCount == 0 ? "" : $", with the {(row.TagCount == 1 ? "tag" : "tags")} {string.Join(", ", row.Tags)}{more}";
        var platforms = row is { Type: ArtifactType.Image, Platforms: { } platform } ? $" for {platform}" : "";
        return $"{TypeChip.LabelOf(row.Type)}{platforms} {Digest.Parse(row.Digest).Short}{tags}";
    }
}
