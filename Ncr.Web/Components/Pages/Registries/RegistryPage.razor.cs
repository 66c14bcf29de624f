using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>A registry: its images, and how to push to it.</summary>
public sealed partial class RegistryPage(
    RegistryService registries, ImageService images, CurrentActor actor, ServerAddress server, IDialogService dialogs, ISnackbar snackbar)
{
    private static readonly DataColumn[] Columns =
    [
        new("Image", "Name"),
        new("Artifacts") { IsNumber = true },
        new("Tags") { IsNumber = true },
        new("Size", nameof(ImageRow.Size), true) { IsNumber = true },
        new("Pulls", nameof(ImageRow.PullCount), true) { IsNumber = true },
        new("Last pushed", nameof(ImageRow.PushedAt), true),
        new("Actions") { IsActions = true },
    ];

    private static readonly (string, string)[] Trail = [("Registries", ConsoleUrls.Registries)];

    private RegistryRow? _row;
    private bool _isLoaded;
    private bool _isHelpShown;

    [Parameter]
    public string Registry { get; set; } = "";

    private string Address => $"{server.Host}/{Registry}";

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.Registry == Registry || change.Type is null;

    protected override async Task RefreshAsync()
    {
        _row = await registries.FindAsync(await actor.GetAsync(), Registry, Disposing);
        _isLoaded = true;
    }

    private async Task<PageOf<ImageRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await images.ListAsync(await actor.GetAsync(), Registry, page, cancellationToken);

    private async Task DeleteAsync(ImageRow row)
    {
        var confirmed = await dialogs.ConfirmAsync(
            $"Delete the image {row.Name}?",
            "Delete image",
            [$"Everything in {Address}/{row.Name} goes, and it can't be pulled any more:"],
            [Words.Count(row.ArtifactCount, "artifact"), Words.Count(row.TagCount, "tag"), $"{ByteSize.Format(row.Size)} of content, unless other images need it too"]);
        if (confirmed && ImageName.TryParse($"{Registry}/{row.Name}", out var name))
        {
            await snackbar.TryAsync(async () =>
            {
                await images.DeleteAsync(await actor.GetAsync(), name, CancellationToken.None);
                return $"The image '{row.Name}' was deleted.";
            });
        }
    }
}
