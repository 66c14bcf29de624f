using MudBlazor;
using Ncr.Core.Deletions;
using Ncr.Core.Images;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>Deletes whole images once the person has seen what goes.</summary>
public sealed class ImageDeleter(
    ImageService images, DeletionPreviewService previews, DeletionService deletions, CurrentActor actor, ServerAddress server, IDialogService dialogs, ISnackbar snackbar)
{
    /// <param name="names">Within the registry.</param>
    /// <returns>Whether it was confirmed.</returns>
    public async Task<bool> DeleteAsync(string registry, IReadOnlyList<string> names)
    {
        DeletionPreview preview;
        try
        {
            preview = await previews.OfImagesAsync(await actor.GetAsync(), registry, names, CancellationToken.None);
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            snackbar.Add(refusal.Message, Severity.Error);
            return false;
        }

        var isOne = names.Count == 1;
        var confirmed = await dialogs.ConfirmAsync(new ConfirmQuestion(
            isOne ? $"Delete the image {names[0]}?" : $"Delete {names.Count} images?",
            isOne ? "Delete image" : $"Delete {names.Count} images",
            [isOne ? $"Everything in {server.Host}/{registry}/{names[0]} goes, and it can't be pulled any more:" : $"Everything in {string.Join(", ", names.Take(8))}{(names.Count > 8 ? $" and {names.Count - 8} more" : "")} goes, and can't be pulled any more:"])
        {
            Losses = [Words.Count(preview.ArtifactCount, "artifact"), Words.Count(preview.TagCount, "tag"), DeletionWords.Freed(preview)],
            Closing = DeletionWords.Closing(deletions.RestoreTime),
            TypedName = preview.ArtifactCount < DeletionWords.Many ? null : isOne ? names[0] : registry,
        });
        if (!confirmed)
        {
            return false;
        }

        if (isOne)
        {
            return await snackbar.TryAsync(() => RunAsync(registry, names[0]));
        }

        await dialogs.RunAsync("Deleting images", [.. names.Select(n => new RunDialog.Item(n, () => RunAsync(registry, n)))]);
        return true;
    }

    private async Task<string> RunAsync(string registry, string name)
    {
        await images.DeleteAsync(await actor.GetAsync(), ImageName.Parse($"{registry}/{name}"), CancellationToken.None);
        return $"The image '{name}' was deleted.";
    }
}
