using System.Globalization;
using Microsoft.AspNetCore.Components;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Overview;

/// <summary>A small chart of one figure by day.</summary>
public sealed partial class DayChart
{
    private const double Step = 10;

    /// <summary>What it shows, such as "Pushes".</summary>
    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>By day; not empty. Days may be missing.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<ChartPoint> Points { get; set; } = [];

    /// <summary>The first day of the axis; null for that of the first point.</summary>
    [Parameter]
    public DateOnly? From { get; set; }

    /// <summary>For what is there all the time: an area instead of bars.</summary>
    [Parameter]
    public bool IsArea { get; set; }

    /// <summary>Whether the figures are bytes.</summary>
    [Parameter]
    public bool IsBytes { get; set; }

    /// <summary>What one of the things counted is called.</summary>
    [Parameter]
    public string Unit { get; set; } = "";

    /// <summary>Several of them; null when an s does it.</summary>
    [Parameter]
    public string? UnitMany { get; set; }

    /// <summary>Beside the title, such as the sum.</summary>
    [Parameter]
    public RenderFragment? Head { get; set; }

    /// <summary>One point makes no line.</summary>
    private bool IsLine => IsArea && Points.Count > 1;

    private DateOnly First => From ?? Points[0].Day;

    private DateOnly Last => Points[^1].Day;

    private double Width => (Last.DayNumber - First.DayNumber + 1) * Step;

    private long Top => IsBytes ? ChartScale.OfBytes(Points.Max(p => p.Value)) : ChartScale.OfCount(Points.Max(p => p.Value));

    private string Line => "M" + string.Join('L', Points.Select(p => $"{Number(X(p))} {Number(Y(p))}"));

    private double X(ChartPoint point) => ((point.Day.DayNumber - First.DayNumber) * Step) + (Step / 2);

    /// <summary>What is there at all can be seen.</summary>
    private double Y(ChartPoint point) => point.Value == 0 ? 100 : Math.Min(98, 100 - (100d * point.Value / Top));

    private string Format(long value) => IsBytes ? value == 0 ? "0" : ByteSize.Format(value) : value.ToString("N0", CultureInfo.InvariantCulture);

    private string Exact(long value) => IsBytes ? $"{ByteSize.Format(value)} ({ByteSize.Exact(value)})" : Words.Count(value, Unit, UnitMany);

    private static string Day(ChartPoint point) => point.Day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    private static string Short(DateOnly day) => day.ToString("d MMM", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
