using Microsoft.AspNetCore.Components;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>An image: its artifacts.</summary>
public sealed partial class ImagePage(ImageService images, ArtifactService artifacts, CurrentActor actor, ServerAddress server, ArtifactDeleter deleter)
{
    private static readonly DataColumn[] Columns =
    [
        new("Artifact"),
        new("Type"),
        new("Size", nameof(ArtifactRow.Size), true) { IsNumber = true },
        new("Pushed", nameof(ArtifactRow.PushedAt), true),
        new("Pulled", nameof(ArtifactRow.PulledAt), true),
        new("Pulls", nameof(ArtifactRow.PullCount), true) { IsNumber = true },
        new("Actions") { IsActions = true },
    ];

    private ImageRow? _row;
    private bool _isLoaded;

    [Parameter]
    public string Registry { get; set; } = "";

    /// <summary>Its name within the registry.</summary>
    [Parameter]
    public string Image { get; set; } = "";

    private ServerAddress Server => server;

    private string FullName => $"{Registry}/{Image}";

    private string Address => $"{server.Host}/{FullName}";

    private (string, string)[] Trail => [("Registries", ConsoleUrls.Registries), (Registry, ConsoleUrls.Registry(Registry))];

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.Image == FullName || change.Type is null;

    protected override async Task RefreshAsync()
    {
        _row = ImageName.TryParse(FullName, out var name) ? await images.FindAsync(await actor.GetAsync(), name, Disposing) : null;
        _isLoaded = true;
    }

    private async Task<PageOf<ArtifactRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await artifacts.ListAsync(await actor.GetAsync(), ImageName.Parse(FullName), page, cancellationToken);

    private Task<bool> DeleteAsync(ArtifactRow row) => deleter.DeleteAsync(ImageName.Parse(FullName), row);

    private string UrlOf(ArtifactRow row) => ConsoleUrls.Artifact(Registry, Image, row.Digest);
}
