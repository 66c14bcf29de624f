using MudBlazor;
using Ncr.Core.Deletions;
using Ncr.Core.Images;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>Deletes tags once the person has seen what that means.</summary>
public sealed class TagDeleter(TagService tags, DeletionService deletions, CurrentActor actor, ServerAddress server, IDialogService dialogs, ISnackbar snackbar)
{
    private const int MaxNamed = 8;

    /// <returns>Whether it was begun.</returns>
    public async Task<bool> DeleteAsync(ImageName image, IReadOnlyList<TagRow> rows)
    {
        var isOne = rows.Count == 1;
        var question = new ConfirmQuestion(
            isOne ? $"Delete the tag {rows[0].Name}?" : $"Delete {rows.Count} tags?",
            isOne ? "Delete tag" : $"Delete {rows.Count} tags",
            [isOne ? $"{server.Host}/{image}:{rows[0].Name} can't be pulled by this name any more. The artifact stays." : $"{server.Host}/{image} can't be pulled by these names any more. The artifacts stay."])
        {
            Losses = isOne ? [] : [.. rows.Take(MaxNamed).Select(r => r.Name), .. rows.Count > MaxNamed ? [$"and {rows.Count - MaxNamed} more"] : Array.Empty<string>()],
            Closing = DeletionWords.Closing(deletions.RestoreTime),
        };
        if (!await dialogs.ConfirmAsync(question))
        {
            return false;
        }

        if (isOne)
        {
            return await snackbar.TryAsync(() => RunAsync(image, rows[0].Name));
        }

        await dialogs.RunAsync("Deleting tags", [.. rows.Select(r => new RunDialog.Item(r.Name, () => RunAsync(image, r.Name)))]);
        return true;
    }

    private async Task<string> RunAsync(ImageName image, string tag) =>
        await tags.DeleteAsync(await actor.GetAsync(), image, tag, CancellationToken.None) ? $"The tag '{tag}' was deleted." : "It was deleted already.";
}
