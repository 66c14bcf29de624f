using MudBlazor;

namespace Ncr.Web.Components.Shared;

internal static class DialogExtensions
{
    /// <summary>Asks before something is lost.</summary>
    public static Task<bool> ConfirmAsync(this IDialogService dialogs, string title, string action, IReadOnlyList<string> lines, IReadOnlyList<string>? losses = null) =>
        dialogs.ConfirmAsync(new ConfirmQuestion(title, action, lines) { Losses = losses ?? [] });

    /// <inheritdoc cref="ConfirmAsync(IDialogService, string, string, IReadOnlyList{string}, IReadOnlyList{string}?)"/>
    public static async Task<bool> ConfirmAsync(this IDialogService dialogs, ConfirmQuestion question)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { d => d.Title, question.Title },
            { d => d.Action, question.Action },
            { d => d.Lines, question.Lines },
            { d => d.Losses, question.Losses },
            { d => d.Closing, question.Closing },
            { d => d.TypedName, question.TypedName },
            { d => d.IsHarmless, question.IsHarmless },
        };
        var dialog = await dialogs.ShowAsync<ConfirmDialog>(question.Title, parameters);
        return await dialog.GetReturnValueAsync<bool?>() == true;
    }

    /// <summary>Carries out several commands one after another and shows what became of each.</summary>
    public static async Task RunAsync(this IDialogService dialogs, string title, IReadOnlyList<RunDialog.Item> items)
    {
        var parameters = new DialogParameters<RunDialog> { { d => d.Title, title }, { d => d.Items, items } };
        var dialog = await dialogs.ShowAsync<RunDialog>(title, parameters, new DialogOptions { CloseOnEscapeKey = false, MaxWidth = MaxWidth.Small, FullWidth = true });
        await dialog.Result;
    }
}
