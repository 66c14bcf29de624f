using System.Globalization;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Events;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Storage;

/// <summary>What is stored, and the care for it.</summary>
public sealed partial class StoragePage(CollectionService collection, CurrentActor actor, MinuteTicker ticker)
{
    private StorageFigures? _figures;
    private string? _refusal;

    protected override Task OnInitializedAsync()
    {
        ticker.Ticked += OnTicked;
        return RefreshAsync();
    }

    protected override bool Concerns(Change change) =>
        change.Type is EventTypes.StorageCollected or EventTypes.ArtifactPushed or EventTypes.ArtifactDeleted or EventTypes.ImageDeleted;

    protected override async Task RefreshAsync()
    {
        try
        {
            _figures = await collection.GetFiguresAsync(await actor.GetAsync(), Disposing);
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

    // What may go becomes more as time passes.
    private void OnTicked() => Follow();

    private static string Percent(long part, long whole) => (whole == 0 ? 0 : (double)part / whole).ToString("0.#%", CultureInfo.InvariantCulture);
}
