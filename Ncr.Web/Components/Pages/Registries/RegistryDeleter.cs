using MudBlazor;
using Ncr.Core.Deletions;
using Ncr.Core.Registries;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>Deletes a registry with everything in it once its name was typed.</summary>
public sealed class RegistryDeleter(
    RegistryService registries, DeletionPreviewService previews, DeletionService deletions, CurrentActor actor, ServerAddress server, IDialogService dialogs, ISnackbar snackbar)
{
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> DeleteAsync(string registry)
    {
        DeletionPreview preview;
        try
        {
            preview = await previews.OfRegistryAsync(await actor.GetAsync(), registry, CancellationToken.None);
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            snackbar.Add(refusal.Message, Severity.Error);
            return false;
        }

        var isEmpty = preview.ImageCount == 0;
        var confirmed = await dialogs.ConfirmAsync(new ConfirmQuestion(
            $"Delete the registry {registry}?",
            "Delete registry",
            [isEmpty ? "It holds no images. Its name becomes free, and pushes to it are refused from then on." : $"Everything in {server.Host}/{registry} goes, can't be pulled any more, and pushes to it are refused:"])
        {
            Losses = isEmpty ? [] : [Words.Count(preview.ImageCount, "image"), Words.Count(preview.ArtifactCount, "artifact"), Words.Count(preview.TagCount, "tag"), DeletionWords.Freed(preview)],
            Closing = DeletionWords.Closing(deletions.RestoreTime),
            TypedName = isEmpty ? null : registry,
        });
        return confirmed && await snackbar.TryAsync(async () =>
        {
            await registries.DeleteAsync(await actor.GetAsync(), registry, CancellationToken.None);
            return $"The registry '{registry}' was deleted.";
        });
    }
}
