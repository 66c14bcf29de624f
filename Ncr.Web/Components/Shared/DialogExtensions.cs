using MudBlazor;

namespace Ncr.Web.Components.Shared;

internal static class DialogExtensions
{
    /// <summary>Asks before something is lost.</summary>
    public static async Task<bool> ConfirmAsync(this IDialogService dialogs, string title, string action, IReadOnlyList<string> lines, IReadOnlyList<string>? losses = null)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { d => d.Title, title },
            { d => d.Action, action },
            { d => d.Lines, lines },
            { d => d.Losses, losses ?? [] },
        };
        var dialog = await dialogs.ShowAsync<ConfirmDialog>(title, parameters);
        return await dialog.GetReturnValueAsync<bool?>() == true;
    }
}
