namespace Ncr.Web.Components.Shared;

/// <summary>A column of a list.</summary>
/// <param name="Title">Its heading; for the column of buttons, what screen readers say.</param>
/// <param name="Sort">What Core calls it; null when it can't be sorted by.</param>
/// <param name="DescendingFirst">Whether the first click sorts from high to low, as one wants figures and times.</param>
public sealed record DataColumn(string Title, string? Sort = null, bool DescendingFirst = false)
{
    public bool IsNumber { get; init; }

    /// <summary>For the buttons of a row: the heading is not drawn.</summary>
    public bool IsActions { get; init; }

    public string? Class => IsNumber ? "number" : IsActions ? "actions" : null;
}
