using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Ncr.Core.Audit;
using Ncr.Core.Events;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Audit;

/// <summary>What narrows the audit. Times are chosen in the reader's zone, which only the browser knows.</summary>
public sealed partial class AuditFilters(AuditService audit, CurrentActor actor, IJSRuntime js)
{
    private IReadOnlyList<string> _actors = [];
    private IReadOnlyList<string> _registries = [];
    private string? _from;
    private string? _until;

    [Parameter, EditorRequired]
    public AuditFilter Filter { get; set; } = AuditFilter.None;

    [Parameter, EditorRequired]
    public Action<AuditFilter> Change { get; set; } = null!;

    protected override async Task OnInitializedAsync() => await Refusals.TryAsync(async () =>
    {
        var who = await actor.GetAsync();
        _actors = await audit.ListActorsAsync(who, CancellationToken.None);
        _registries = await audit.ListRegistriesAsync(who, CancellationToken.None);
    });

    protected override async Task OnParametersSetAsync()
    {
        _from = await LocalOfAsync(Filter.From);
        _until = await LocalOfAsync(Filter.Until);
    }

    private async ValueTask<string?> LocalOfAsync(DateTime? time) => AuditQuery.TextOf(time) is { } text ? await js.InvokeAsync<string>("ncr.localOf", text) : null;

    private void SetKind(string? kind) => Set(Filter with { Kind = Enum.TryParse<EventKind>(kind, out var chosen) ? chosen : null });

    private async Task SetTimeAsync(ChangeEventArgs e, bool isFrom)
    {
        var text = TextOf(e) is { } local ? await js.InvokeAsync<string?>("ncr.utcOf", local) : null;
        if (AuditQuery.TryTime(text, out var time))
        {
            Set(isFrom ? Filter with { From = time } : Filter with { Until = time });
        }
    }

    private void Set(AuditFilter filter) => Change(filter);

    private static string? TextOf(ChangeEventArgs e) => e.Value is string text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
}
