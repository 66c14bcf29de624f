using MudBlazor;
using Ncr.Core.Errors;

namespace Ncr.Web.Components.Shared;

internal static class SnackbarExtensions
{
    /// <summary>Carries out a command and says what became of it.</summary>
    /// <returns>Whether it was done.</returns>
    public static async Task<bool> TryAsync(this ISnackbar snackbar, Func<Task<string>> command)
    {
        try
        {
            snackbar.Add(await command(), Severity.Success);
            return true;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            snackbar.Add(refusal.Message, SeverityOf(refusal.Error));
            return false;
        }
    }

    /// <summary>A rule that was in the way is a warning; what is gone or forbidden is an error.</summary>
    private static Severity SeverityOf(NcrError error) => error switch
    {
        NcrError.Conflict or NcrError.InUse or NcrError.TooManyRequests => Severity.Warning,
        _ => Severity.Error,
    };
}
