using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>Tags of an image, or of one of its artifacts, with what can be done with them.</summary>
public sealed partial class TagList(TagService tags, CurrentActor actor, ServerAddress server, TagDeleter deleter, IDialogService dialogs, ISnackbar snackbar, NavigationManager navigation)
{
    private static readonly DataColumn[] WithArtifact =
    [
        new("Tag", nameof(TagRow.Name)), new("Artifact"), new("Size") { IsNumber = true }, new("Pushed", nameof(TagRow.PushedAt), true), new("Actions") { IsActions = true },
    ];

    private static readonly DataColumn[] WithoutArtifact = [new("Tag", nameof(TagRow.Name)), new("Pushed", nameof(TagRow.PushedAt), true), new("Actions") { IsActions = true }];

    private DataList<TagRow>? _list;
    private int _accessoryTags;

    private string? FilterText => ListState.Parse(navigation.Uri, Prefix).Filter;

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    private bool MayDelete => Rights.May(Permission.DeleteTag, Name.Registry);

    [Parameter, EditorRequired]
    public ImageName Name { get; set; }

    /// <summary>See <see cref="DataList{TRow}.Prefix"/>.</summary>
    [Parameter]
    public string Prefix { get; set; } = "";

    [Parameter, EditorRequired]
    public Func<PageRequest, CancellationToken, Task<PageOf<TagRow>>> Load { get; set; } = null!;

    /// <summary>Whether each says which artifact it names.</summary>
    [Parameter]
    public bool ShowsArtifact { get; set; } = true;

    [Parameter]
    public RenderFragment? Empty { get; set; }

    /// <summary>See <see cref="DataList{TRow}.Tools"/>.</summary>
    [Parameter]
    public RenderFragment? Tools { get; set; }

    private DataColumn[] Columns => ShowsArtifact ? WithArtifact : WithoutArtifact;

    private ServerAddress Server => server;

    /// <summary>With each page, so that the count follows pushes.</summary>
    private async Task<PageOf<TagRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken)
    {
        if (ShowsArtifact)
        {
            _accessoryTags = await tags.CountAccessoryTagsAsync(await actor.GetAsync(), Name, cancellationToken);
        }

        return await Load(page, cancellationToken);
    }

    private bool Concerns(Change change) => change.Image == Name.ToString();

    private async Task DeleteAsync(IReadOnlyList<TagRow> rows)
    {
        if (await deleter.DeleteAsync(Name, rows))
        {
            _list?.Deselect(rows);
        }
    }

    private async Task MoveAsync(TagRow tag)
    {
        var parameters = new DialogParameters<MoveTagDialog> { { d => d.Tag, tag.Name }, { d => d.Move, target => TryMoveAsync(tag.Name, target) } };
        var dialog = await dialogs.ShowAsync<MoveTagDialog>($"Move the tag {tag.Name}", parameters);
        if (await dialog.GetReturnValueAsync<bool?>() == true)
        {
            snackbar.Add($"The tag '{tag.Name}' was moved. Its history can move it back.", Severity.Success);
        }
    }

    /// <returns>Why not; null when it was moved.</returns>
    private async Task<string?> TryMoveAsync(string tag, string target)
    {
        var who = await actor.GetAsync();
        return await Refusals.TryAsync(async () => await tags.MoveAsync(who, Name, tag, await tags.ResolveAsync(who, Name, target, CancellationToken.None), CancellationToken.None));
    }
}
