using Microsoft.AspNetCore.Components;
using Ncr.Core.Audit;
using Ncr.Core.Events;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Audit;

/// <summary>What was done, narrowed as the address says.</summary>
public sealed partial class AuditPage(AuditService audit, CurrentActor actor, NavigationManager navigation)
{
    private static readonly DataColumn[] Columns = [new("When"), new("Who"), new("From"), new("What"), new("On what")];

    private DataList<AuditRow>? _list;
    private AuditFilter? _filter = AuditFilter.None;

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    // Taken from the address so that the page is set anew when one of them changes.
    [SupplyParameterFromQuery(Name = AuditQuery.Registry)]
    private string? Registry { get; set; }

    [SupplyParameterFromQuery(Name = AuditQuery.Image)]
    private string? Image { get; set; }

    [SupplyParameterFromQuery(Name = AuditQuery.Actor)]
    private string? Actor { get; set; }

    [SupplyParameterFromQuery(Name = AuditQuery.Kind)]
    private string? Kind { get; set; }

    [SupplyParameterFromQuery(Name = AuditQuery.From)]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = AuditQuery.Until)]
    private string? Until { get; set; }

    private string Kept => audit.KeepFor == TimeSpan.Zero
        ? $"It is kept for ever{(audit.KeepPullsFor == TimeSpan.Zero ? "." : $", pulls for {Words.Span(audit.KeepPullsFor)}.")}"
        : $"It is kept for {Words.Span(audit.KeepFor)}{(audit.KeepPullsFor == TimeSpan.Zero || audit.KeepPullsFor >= audit.KeepFor ? "." : $", pulls for {Words.Span(audit.KeepPullsFor)}.")}";

    protected override void OnParametersSet() => _filter = AuditQuery.TryParse(new Uri(navigation.Uri).Query);

    // How far a check has come is no event.
    private static bool Concerns(Change change) => change.Type is not (null or EventTypes.IntegrityRun or EventTypes.DeletionEnded);

    private async Task<PageOf<AuditRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await audit.ListAsync(await actor.GetAsync(), _filter ?? AuditFilter.None, page, cancellationToken);

    private void Narrow(AuditFilter filter) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameters(new Dictionary<string, object?>(AuditQuery.Of(filter).Concat(ListState.Start.ToFirstPage().ToQuery().Where(p => p.Key is "after" or "before")))));

    private static string NameOf(AuditRow row) => $"{AuditWords.What(row.Type)}, {RelativeTime.Exact(row.At)}";
}
