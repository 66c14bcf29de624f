using Ncr.Core.Errors;

namespace Ncr.Web.Components.Shared;

/// <summary>What a page can say of an exception instead of failing.</summary>
internal static class Refusals
{
    /// <summary>The refusal itself, or what a failure of the storage means; null for a fault of the program.</summary>
    public static NcrException? Of(Exception exception) => exception as NcrException ?? StorageFailure.Recognise(exception);
}
