using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Pages.Images.Comparing;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>What can be done with an artifact.</summary>
public sealed partial class ArtifactActions(DocumentService documents, CurrentActor actor, ArtifactDeleter deleter, IDialogService dialogs, NavigationManager navigation)
{
    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    [Parameter, EditorRequired]
    public string Registry { get; set; } = "";

    /// <summary>The image's name within the registry.</summary>
    [Parameter, EditorRequired]
    public string Image { get; set; } = "";

    /// <summary>Null while they are read.</summary>
    [Parameter, EditorRequired]
    public ArtifactDetails? Details { get; set; }

    [Parameter]
    public EventCallback OnDeleted { get; set; }

    private ImageName Name => ImageName.Parse($"{Registry}/{Image}");

    private async Task CompareAsync()
    {
        var parameters = new DialogParameters<CompareDialog> { { d => d.Check, CheckAsync } };
        var dialog = await dialogs.ShowAsync<CompareDialog>("Compare with another artifact", parameters);
        if (await dialog.GetReturnValueAsync<string>() is { } other && Details is { } details)
        {
            navigation.NavigateTo(ConsoleUrls.Compare(Registry, Image, details.Row.Tags is [var tag, ..] ? tag : details.Row.Digest, other));
        }
    }

    /// <returns>Why not; null when it is there.</returns>
    private async Task<string?> CheckAsync(string other)
    {
        if (!Reference.TryParse(other, out var reference))
        {
            return "Enter a tag, or a digest that starts with sha256:.";
        }

        try
        {
            return await documents.FindAsync(await actor.GetAsync(), Name, reference, CancellationToken.None) is null ? $"The image has no {(reference.IsTag ? "tag" : "artifact")} '{other}'." : null;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            return refusal.Message;
        }
    }

    private async Task DeleteAsync()
    {
        if (await deleter.DeleteAsync(Name, Details!.Row))
        {
            await OnDeleted.InvokeAsync();
        }
    }
}
