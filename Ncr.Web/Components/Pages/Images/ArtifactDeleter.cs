using MudBlazor;
using Ncr.Core.Blobs;
using Ncr.Core.Deletions;
using Ncr.Core.Images;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>Deletes artifacts once the person has seen exactly what goes with them.</summary>
public sealed class ArtifactDeleter(
    ArtifactService artifacts, DeletionPreviewService previews, DeletionService deletions, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar)
{
    private const int MaxNamed = 8;

    /// <returns>Whether it is gone.</returns>
    public async Task<bool> DeleteAsync(ImageName image, ArtifactRow row)
    {
        var digest = Digest.Parse(row.Digest);
        return await ConfirmAsync(image, [row], $"Delete the artifact {digest.Short}?") && await snackbar.TryAsync(() => RunAsync(image, digest));
    }

    /// <summary>Several of one image, one after another.</summary>
    /// <returns>Whether it was begun.</returns>
    public async Task<bool> DeleteAsync(ImageName image, IReadOnlyList<ArtifactRow> rows)
    {
        if (rows.Count == 1)
        {
            return await DeleteAsync(image, rows[0]);
        }

        if (!await ConfirmAsync(image, rows, $"Delete {rows.Count} artifacts?"))
        {
            return false;
        }

        // Indexes first: what is part of one goes with it.
        var ordered = rows.OrderByDescending(r => r.Type == ArtifactType.Index).Select(r => new RunDialog.Item(NameOf(r), () => RunAsync(image, Digest.Parse(r.Digest))));
        await dialogs.RunAsync("Deleting artifacts", [.. ordered]);
        return true;
    }

    private async Task<bool> ConfirmAsync(ImageName image, IReadOnlyList<ArtifactRow> rows, string title)
    {
        DeletionPreview preview;
        try
        {
            preview = await previews.OfArtifactsAsync(await actor.GetAsync(), image, [.. rows.Select(r => Digest.Parse(r.Digest))], CancellationToken.None);
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            snackbar.Add(refusal.Message, Severity.Error);
            return false;
        }

        if (preview.ArtifactCount == 0)
        {
            snackbar.Add(preview.Refusals is [var first, ..] ? first : "It was deleted already.", Severity.Warning);
            return false;
        }

        return await dialogs.ConfirmAsync(new ConfirmQuestion(
            title,
            preview.ArtifactCount > 1 ? $"Delete {Words.Count(preview.ArtifactCount, "artifact")}" : "Delete artifact",
            [preview.ArtifactCount > 1 ? $"From the image {image}, and they can't be pulled any more:" : $"From the image {image}, and it can't be pulled any more:", .. preview.Refusals])
        {
            Losses = Losses(preview),
            Closing = DeletionWords.Closing(deletions.RestoreTime),
            TypedName = preview.ArtifactCount >= DeletionWords.Many ? image.Image : null,
        });
    }

    private async Task<string> RunAsync(ImageName image, Digest digest)
    {
        var count = await artifacts.DeleteAsync(await actor.GetAsync(), image, digest, withParts: true, CancellationToken.None);
        return count == 0 ? "It was deleted already." : $"{Words.Count(count, "artifact")} deleted.";
    }

    private static List<string> Losses(DeletionPreview preview)
    {
        List<string> losses = [.. preview.Artifacts.Take(MaxNamed).Select(Describe)];
        if (preview.Artifacts.Count > MaxNamed)
        {
            losses.Add($"and {preview.Artifacts.Count - MaxNamed} more");
        }

        losses.Add(DeletionWords.Freed(preview));
        return losses;
    }

    private static string NameOf(ArtifactRow row) => row.Tags is [var tag, ..] ? tag : Digest.Parse(row.Digest).Short;

    private static string Describe(ArtifactRow row)
    {
        var more = row.TagCount > row.Tags.Count ? $" and {row.TagCount - row.Tags.Count} more" : "";
        var tags = row.TagCount == 0 ? "" : $", with the {(row.TagCount == 1 ? "tag" : "tags")} {string.Join(", ", row.Tags)}{more}";
        var platforms = row is { Type: ArtifactType.Image, Platforms: { } platform } ? $" for {platform}" : "";
        return $"{TypeChip.LabelOf(row.Type)}{platforms} {Digest.Parse(row.Digest).Short}{tags}";
    }
}
