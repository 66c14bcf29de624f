using Ncr.Core.Errors;

namespace Ncr.Web.Components.Shared;

/// <summary>What a page can say of an exception instead of failing.</summary>
internal static class Refusals
{
    /// <summary>The refusal itself, or what a failure of the storage means; null for a fault of the program.</summary>
    public static NcrException? Of(Exception exception) => exception as NcrException ?? StorageFailure.Recognise(exception);

    /// <summary>Carries out a command from a dialog.</summary>
    /// <returns>Why not, for the person; null when it was done.</returns>
    public static async Task<string?> TryAsync(Func<Task> command)
    {
        try
        {
            await command();
            return null;
        }
        catch (Exception exception) when (Of(exception) is { } refusal)
        {
            return refusal.Message;
        }
    }
}
