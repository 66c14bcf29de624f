using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Blobs;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>What a tag named when, who moved it, and the way back.</summary>
public sealed partial class TagHistoryPage(TagService tags, CurrentActor actor, ServerAddress server, IDialogService dialogs, ISnackbar snackbar)
{
    private const int Shown = 100;

    private IReadOnlyList<TagChange>? _changes;
    private string? _refusal;

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    [Parameter]
    public string Registry { get; set; } = "";

    /// <summary>The image's name within the registry.</summary>
    [Parameter]
    public string Image { get; set; } = "";

    [Parameter]
    public string Tag { get; set; } = "";

    private string Address => $"{server.Host}/{Registry}/{Image}:{Tag}";

    private string? Current => _changes is [{ } last, ..] ? last.Digest : null;

    private (string, string)[] Trail =>
        [("Registries", ConsoleUrls.Registries), (Registry, ConsoleUrls.Registry(Registry)), (Image, ConsoleUrls.Image(Registry, Image)), ("Tags", ConsoleUrls.Image(Registry, Image) + "?tab=tags")];

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.Image == $"{Registry}/{Image}";

    protected override async Task RefreshAsync()
    {
        if (!ImageName.TryParse($"{Registry}/{Image}", out var name))
        {
            _refusal = "The address names no image.";
            return;
        }

        try
        {
            _changes = await tags.ListHistoryAsync(await actor.GetAsync(), name, Tag, Shown, Disposing);
            _refusal = null;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
        }
    }

    private async Task PointAsync(string digest)
    {
        var (name, target) = (ImageName.Parse($"{Registry}/{Image}"), Digest.Parse(digest));
        var isThere = Current is not null;
        var question = new ConfirmQuestion(
            $"Point {Tag} to {target.Short} again?",
            isThere ? "Move tag" : "Create tag",
            [$"Who pulls {Address} gets that artifact from then on{(isThere ? $", instead of {Digest.Parse(Current!).Short}" : "")}."])
        {
            Closing = "The history keeps where it pointed, and can move it back.",
        };
        if (await dialogs.ConfirmAsync(question))
        {
            await snackbar.TryAsync(async () =>
            {
                var who = await actor.GetAsync();
                if (isThere)
                {
                    await tags.MoveAsync(who, name, Tag, target, CancellationToken.None);
                }
                else
                {
                    await tags.CreateAsync(who, name, target, Tag, CancellationToken.None);
                }

                return $"The tag '{Tag}' points to {target.Short}.";
            });
        }
    }

    private static string Describe(TagChange change) => change switch
    {
        { Digest: null } => "Deleted",
        { Type: EventTypes.TagRestored } => "Restored",
        { Before: null } => "Made",
        _ => "Moved",
    };
}
