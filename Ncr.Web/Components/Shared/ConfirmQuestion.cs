namespace Ncr.Web.Components.Shared;

/// <summary>What a person is asked before something is lost.</summary>
/// <param name="Title">The question.</param>
/// <param name="Action">The button that does it.</param>
/// <param name="Lines">What it means.</param>
internal sealed record ConfirmQuestion(string Title, string Action, IReadOnlyList<string> Lines)
{
    public const string NoWayBack = "This can't be undone.";

    /// <summary>What exactly will be gone.</summary>
    public IReadOnlyList<string> Losses { get; init; } = [];

    /// <summary>Whether there is a way back.</summary>
    public string Closing { get; init; } = NoWayBack;

    /// <summary>Whether nothing is lost, and so the button does not warn.</summary>
    public bool IsHarmless { get; init; }

    /// <summary>What has to be typed first, where much is lost; null when nothing has to.</summary>
    public string? TypedName { get; init; }
}
