using System.Globalization;
using Microsoft.AspNetCore.Components;
using Ncr.Core.Events;
using Ncr.Core.Figures;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Pages.Registries;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Overview;

/// <summary>How the server stands, and what happened last.</summary>
public sealed partial class OverviewPage(OverviewService overviews, CurrentActor actor, ServerAddress server, RegistryCreator creator, MinuteTicker ticker)
{
    private const string LongSpan = "90";
    private static readonly TabLinks.Tab[] Spans = [new("30", "30 days"), new(LongSpan, "90 days")];

    private Core.Figures.Overview? _overview;
    private string? _refusal;

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    [SupplyParameterFromQuery(Name = "days")]
    private string? Days { get; set; }

    private string Span => Days == LongSpan ? LongSpan : Spans[0].Key;

    private ServerAddress Server => server;

    /// <summary>Many may have it open while much is pushed.</summary>
    protected override TimeSpan Throttle => TimeSpan.FromSeconds(1);

    protected override Task OnInitializedAsync()
    {
        ticker.Ticked += OnTicked;
        return RefreshAsync();
    }

    protected override bool Concerns(Change change) => true;

    protected override async Task RefreshAsync()
    {
        try
        {
            _overview = await overviews.GetAsync(await actor.GetAsync(), Disposing);
            _refusal = null;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
        }
    }

    protected override void Dispose(bool disposing)
    {
        ticker.Ticked -= OnTicked;
        base.Dispose(disposing);
    }

    // The room on the disk changes without us, and days end.
    private void OnTicked() => Follow();

    private DateOnly FirstDay(Core.Figures.Overview overview) => overview.Storage[^1].Day.AddDays(1 - int.Parse(Span, CultureInfo.InvariantCulture));

    private List<ChartPoint> StoragePoints(Core.Figures.Overview overview)
    {
        var first = FirstDay(overview);
        return [.. overview.Storage.Where(s => s.Day >= first).Select(s => new ChartPoint(s.Day, s.Bytes))];
    }

    private string Growth(Core.Figures.Overview overview)
    {
        var points = StoragePoints(overview);
        var (first, last) = (points[0], points[^1]);
        var growth = last.Value - first.Value;
        return first.Day == last.Day ? "growth shows from the second day on"
            : $"{(growth < 0 ? "−" : "+")}{ByteSize.Format(Math.Abs(growth))} in {Words.Count(last.Day.DayNumber - first.Day.DayNumber, "day")}";
    }

    private static List<ChartPoint> Pushes(Core.Figures.Overview overview) => [.. overview.Days.Select(d => new ChartPoint(d.Day, d.Pushes))];

    private static List<ChartPoint> Pulls(Core.Figures.Overview overview) => [.. overview.Days.Select(d => new ChartPoint(d.Day, d.Pulls))];

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => share.ToString("0.#%", CultureInfo.InvariantCulture);
}
