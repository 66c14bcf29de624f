using System.Globalization;
using MudBlazor;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Deletions;
using Ncr.Core.Events;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Storage;

/// <summary>What nothing needs any more: how much it is, and the rounds that freed some.</summary>
public sealed partial class CollectionSection(CollectionService collection, DeletionService deletions, CurrentActor actor, MinuteTicker ticker, IDialogService dialogs, ISnackbar snackbar)
{
    private const int RunsShown = 20;

    private CollectionStatus? _status;
    private IReadOnlyList<CollectionRunRow>? _runs;
    private HeldDeletions? _held;
    private string? _refusal;
    private bool _isAsking;

    private CollectionService Collection => collection;

    private bool IsBusy => _isAsking || _status?.Running?.SoFar.StartedBy is not null;

    protected override Task OnInitializedAsync()
    {
        ticker.Ticked += OnTicked;
        return RefreshAsync();
    }

    protected override bool Concerns(Change change) =>
        change.Type is EventTypes.StorageCollected or EventTypes.ArtifactPushed or EventTypes.ArtifactDeleted or EventTypes.ImageDeleted or EventTypes.RegistryDeleted or EventTypes.DeletionEnded;

    protected override async Task RefreshAsync()
    {
        try
        {
            var who = await actor.GetAsync();
            _status = await collection.GetStatusAsync(who, Disposing);
            _runs = (await collection.ListRunsAsync(who, new PageRequest(Take: RunsShown), Disposing)).Items;
            _held = await deletions.GetHeldAsync(who, Disposing);
            _refusal = null;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
        }
    }

    private Task DryRunAsync() => RunAsync(dryRun: true);

    private async Task CollectAsync()
    {
        await RefreshAsync();
        if (_refusal is not null || _status is not { } status)
        {
            return; // The section says why.
        }

        var confirmed = await dialogs.ConfirmAsync(
            "Collect now?",
            "Collect now",
            ["The server does this by itself; now is only sooner, and looks for leftovers of crashes everywhere. Pushes and pulls go on. It deletes:"],
            Losses(status));
        if (confirmed)
        {
            await RunAsync(dryRun: false);
        }
    }

    private async Task RunAsync(bool dryRun)
    {
        _isAsking = true;
        try
        {
            // Whoever leaves the page leaves the collection to end by itself.
            await snackbar.TryAsync(async () =>
            {
                var run = await collection.CollectAsync(await actor.GetAsync(), dryRun, null, CancellationToken.None);
                return (dryRun ? "Dry run: " : "Collected: ") + Found(run) + (run.Bytes > 0 ? $", {ByteSize.Format(run.Bytes)}." : ".");
            });
            if (!Disposing.IsCancellationRequested)
            {
                await RefreshAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops, or the page was left.
        }
        finally
        {
            _isAsking = false;
        }
    }

    protected override void Dispose(bool disposing)
    {
        ticker.Ticked -= OnTicked;
        base.Dispose(disposing);
    }

    // What may go becomes more as time passes.
    private void OnTicked() => Follow();

    private List<string> Losses(CollectionStatus status)
    {
        var losses = new List<string>();
        if (status.Now.Count > 0)
        {
            losses.Add($"{Amount(status.Now, "blob")} that no image needs");
        }

        if (status.Uploads.Count > 0)
        {
            losses.Add($"{Amount(status.Uploads, "upload")} that nobody went on with for {Span(collection.UploadLifetime)}");
        }

        losses.Add("files that a crash left, if there are any");
        return losses;
    }

    private static string Found(CollectionRunRow run)
    {
        string?[] parts =
        [
            run.Blobs > 0 ? Words.Count(run.Blobs, "blob") : null,
            run.Uploads > 0 ? Words.Count(run.Uploads, "abandoned upload") : null,
            run.Orphans > 0 ? Words.Count(run.Orphans, "leftover file") : null,
        ];
        var found = string.Join(", ", parts.OfType<string>());
        return found.Length == 0 ? "nothing" : found;
    }

    private string Result(CollectionRunRow run) =>
        run.Error ?? (run.EndedAt is { } ended ? $"Done in {Duration(ended - run.StartedAt)}"
        : _status?.Running?.SoFar.Id == run.Id ? "Running" : "Cut short by the end of the server");

    private static string Describe(CollectionProgress running) => (running.SoFar.IsDryRun ? "Dry run: " : "") + running.Phase switch
    {
        CollectionPhase.Blobs => running.Total > 0 ? $"taking away blobs, {running.Done.ToString("N0", CultureInfo.InvariantCulture)} of about {running.Total.ToString("N0", CultureInfo.InvariantCulture)}" : "looking for blobs",
        CollectionPhase.Content => $"deleting content, {Words.Count(running.Done, "file")}",
        CollectionPhase.Uploads => $"giving up uploads, {Words.Count(running.Done, "upload")}",
        _ => $"looking for leftovers, folder {running.Done} of {running.Total}",
    };

    private static double Share(CollectionProgress running) => running.Total == 0 ? 0 : Math.Min(100, 100d * running.Done / running.Total);

    private static string Amount(StoredAmount amount, string one) =>
        amount.Count == 0 ? "nothing" : $"{Words.Count(amount.Count, one)}, {ByteSize.Format(amount.Bytes)}";

    private static string Span(TimeSpan time) =>
        time >= TimeSpan.FromDays(1) && time.Ticks % TimeSpan.TicksPerDay == 0 ? Words.Count((long)time.TotalDays, "day")
        : time >= TimeSpan.FromHours(1) && time.Ticks % TimeSpan.TicksPerHour == 0 ? Words.Count((long)time.TotalHours, "hour")
        : time >= TimeSpan.FromMinutes(1) ? Words.Count((long)time.TotalMinutes, "minute")
        : Words.Count((long)time.TotalSeconds, "second");

    private static string Duration(TimeSpan time) => time < TimeSpan.FromSeconds(1) ? "less than a second" : Span(time);
}
