using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Blobs;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>The tags of one artifact.</summary>
public sealed partial class ArtifactTags(TagService tags, CurrentActor actor, ServerAddress server, IDialogService dialogs, ISnackbar snackbar)
{
    private static readonly DataColumn[] Columns = [new("Tag", "Name"), new("Pushed", nameof(TagRow.PushedAt), true), new("Actions") { IsActions = true }];

    [Parameter, EditorRequired]
    public ImageName Name { get; set; }

    [Parameter, EditorRequired]
    public ArtifactRow Row { get; set; } = null!;

    private ServerAddress Server => server;

    private Digest Digest => Digest.Parse(Row.Digest);

    private bool Concerns(Change change) => change.Image == Name.ToString();

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
    private async Task<string?> TryCreateAsync(string tag)
    {
        try
        {
            await tags.CreateAsync(await actor.GetAsync(), Name, Digest, tag, CancellationToken.None);
            return null;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            return refusal.Message;
        }
    }

    private async Task DeleteAsync(TagRow tag)
    {
        var isLast = Row.TagCount == 1;
        var lines = new[] { $"{server.Host}/{Name}:{tag.Name} can't be pulled by this name any more. The artifact stays{(isLast ? ", without a tag" : "")}." };
        if (await dialogs.ConfirmAsync($"Delete the tag {tag.Name}?", "Delete tag", lines))
        {
            await snackbar.TryAsync(async () =>
            {
                var deleted = await tags.DeleteAsync(await actor.GetAsync(), Name, tag.Name, CancellationToken.None);
                return deleted ? $"The tag '{tag.Name}' was deleted." : "It was deleted already.";
            });
        }
    }
}
