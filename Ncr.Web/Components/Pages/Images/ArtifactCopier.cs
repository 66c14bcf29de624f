using MudBlazor;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>Copies or moves an artifact to another image, asked for by a dialog.</summary>
public sealed class ArtifactCopier(CopyService copies, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar)
{
    /// <returns>Whether it left its image.</returns>
    public async Task<bool> CopyAsync(ImageName source, ArtifactRow row)
    {
        var parameters = new DialogParameters<CopyArtifactDialog>
        {
            { d => d.Source, source },
            { d => d.Row, row },
            { d => d.Copy, order => TryAsync(source, row, order) },
        };
        var dialog = await dialogs.ShowAsync<CopyArtifactDialog>("Copy or move", parameters);
        if (await dialog.GetReturnValueAsync<CopyArtifactDialog.Order>() is not { } done)
        {
            return false;
        }

        snackbar.Add($"{(done.IsMove ? "Moved" : "Copied")} to {done.Target}.", Severity.Success);
        return done.IsMove;
    }

    private Task<string?> TryAsync(ImageName source, ArtifactRow row, CopyArtifactDialog.Order order) => Refusals.TryAsync(async () =>
        await copies.CopyAsync(await actor.GetAsync(), source, Digest.Parse(row.Digest), order.Target, order.Tags, order.MovesTags, order.IsMove, CancellationToken.None));
}
