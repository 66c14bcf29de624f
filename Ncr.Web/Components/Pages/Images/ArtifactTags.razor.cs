using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>The tags of one artifact.</summary>
public sealed partial class ArtifactTags(TagService tags, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar)
{
    [Parameter, EditorRequired]
    public ImageName Name { get; set; }

    /// <summary>See <see cref="DataList{TRow}.Prefix"/>.</summary>
    [Parameter]
    public string Prefix { get; set; } = "";

    [Parameter, EditorRequired]
    public ArtifactRow Row { get; set; } = null!;

    private Digest Digest => Digest.Parse(Row.Digest);

    private async Task<PageOf<TagRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await tags.ListOfArtifactAsync(await actor.GetAsync(), Name, Digest, page, cancellationToken);

    private async Task CreateAsync()
    {
        var parameters = new DialogParameters<CreateTagDialog> { { d => d.Digest, Digest.Short }, { d => d.Create, TryCreateAsync } };
        var dialog = await dialogs.ShowAsync<CreateTagDialog>("Create a tag", parameters);
        if (await dialog.GetReturnValueAsync<string>() is { } tag)
        {
            snackbar.Add($"The tag '{tag}' was created.", Severity.Success);
        }
    }

    /// <returns>Why not; null when it was made.</returns>
    private Task<string?> TryCreateAsync(string tag) =>
        Refusals.TryAsync(async () => await tags.CreateAsync(await actor.GetAsync(), Name, Digest, tag, CancellationToken.None));
}
