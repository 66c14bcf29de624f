namespace Ncr.Web.Components.Pages.Overview;

/// <summary>A figure of a day.</summary>
public sealed record ChartPoint(DateOnly Day, long Value);
