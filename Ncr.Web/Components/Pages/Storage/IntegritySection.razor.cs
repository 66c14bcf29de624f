using System.Globalization;
using MudBlazor;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Events;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Storage;

/// <summary>Checking stored content: how it stands, and what was found.</summary>
public sealed partial class IntegritySection(IntegrityService integrity, CurrentActor actor, ISnackbar snackbar)
{
    private const int PageSize = 10;

    private IntegrityStatus? _status;
    private PageOf<DamagedBlobRow>? _damaged;
    private string? _refusal;
    private PageRequest _request = new(PageSize);
    private bool _isRechecking;

    private int Percent => _status is { TotalBytes: > 0, Current: { } run } ? (int)Math.Clamp(run.Bytes * 100 / _status.TotalBytes, 0, 100) : 0;

    private string Left => _status?.Left is not { } left ? "just begun"
        : left < TimeSpan.FromMinutes(1) ? "less than a minute left"
        : left < TimeSpan.FromHours(2) ? $"about {Math.Ceiling(left.TotalMinutes):0} minutes left"
        : $"about {Math.Ceiling(left.TotalHours):0} hours left";

    private string NextText => _status?.LastFull is null ? "once something is stored, unless Ncr:Integrity:Interval says never" : "never (Ncr:Integrity:Interval)";

    protected override async Task OnInitializedAsync() => await RefreshAsync();

    protected override bool Concerns(Change change) =>
        change.Type is EventTypes.IntegrityRun or EventTypes.ContentDamaged or EventTypes.ContentRestored || (change.Type == EventTypes.ArtifactPushed && _damaged is { Total: > 0 });

    protected override async Task RefreshAsync()
    {
        try
        {
            var who = await actor.GetAsync();
            _status = await integrity.GetStatusAsync(who, Disposing);
            _damaged = await integrity.ListDamagedAsync(who, _request, Disposing);
            _refusal = null;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
            return;
        }
    }

    private static string Found(IntegrityRunRow run) => run.Damaged == 0 ? "nothing damaged" : $"{run.Damaged.ToString("N0", CultureInfo.InvariantCulture)} damaged";

    private async Task StartAsync(bool isQuick) => await snackbar.TryAsync(async () =>
    {
        await integrity.StartAsync(await actor.GetAsync(), isQuick, CancellationToken.None);
        return isQuick ? "The quick check has started." : "The full check has started. It goes on when you leave this page, and after a restart.";
    });

    private async Task StopAsync() => await snackbar.TryAsync(async () =>
    {
        await integrity.StopAsync(await actor.GetAsync(), CancellationToken.None);
        return "The check stops. What it found stays.";
    });

    private async Task RecheckAsync()
    {
        _isRechecking = true;
        StateHasChanged();
        await snackbar.TryAsync(async () =>
        {
            var count = await integrity.RecheckAsync(await actor.GetAsync(), Disposing);
            return count == 0 ? "Still damaged: nothing has changed." : $"{Words.Count(count, "blob is", "blobs are")} whole again.";
        });
        _isRechecking = false;
        await RefreshAsync();
    }

    private async Task TurnAsync(PageRequest request)
    {
        _request = request;
        await RefreshAsync();
    }
}
