using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Deletions;
using Ncr.Core.Events;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Deletions;

/// <summary>What was deleted lately, to be restored or to be deleted for good.</summary>
public sealed partial class RecentlyDeletedPage(DeletionService deletions, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar, TimeProvider clock)
{
    private static readonly DataColumn[] Columns =
    [
        new("What"), new("With"), new("Frees") { IsNumber = true }, new("Deleted", nameof(DeletionRow.At), true), new("For good"), new("Actions") { IsActions = true },
    ];

    private DataList<DeletionRow>? _list;

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    private bool MayRestore(DeletionRow row) => Rights.May(Permission.RestoreDeleted, row.Registry);

    private static bool Concerns(Change change) =>
        change.Type is EventTypes.DeletionEnded or EventTypes.TagDeleted or EventTypes.ArtifactDeleted or EventTypes.ImageDeleted or EventTypes.RegistryDeleted;

    private async Task<PageOf<DeletionRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await deletions.ListAsync(await actor.GetAsync(), page, cancellationToken);

    private async Task RestoreAsync(IReadOnlyList<DeletionRow> rows)
    {
        if (rows.Count == 1)
        {
            await snackbar.TryAsync(() => RestoreAsync(rows[0]));
        }
        else
        {
            // What holds others comes first: a registry before its images.
            await dialogs.RunAsync("Restoring", [.. rows.OrderByDescending(r => r.Kind).ThenByDescending(r => r.Id).Select(r => new RunDialog.Item(NameOf(r), () => RestoreAsync(r)))]);
        }

        _list?.ClearSelection();
    }

    private async Task<string> RestoreAsync(DeletionRow row)
    {
        var result = await deletions.RestoreAsync(await actor.GetAsync(), row.Id, CancellationToken.None);
        var kept = result.KeptTags.Count == 0 ? "" : $" {(result.KeptTags.Count == 1 ? "The tag" : "The tags")} {string.Join(", ", result.KeptTags.Take(5))} had been pushed again and stayed as they are.";
        return $"{NameOf(row)} is back.{kept}";
    }

    private async Task PurgeAsync(IReadOnlyList<DeletionRow> rows)
    {
        var confirmed = await dialogs.ConfirmAsync(
            rows.Count == 1 ? $"Delete {NameOf(rows[0])} for good?" : $"Delete {rows.Count} deletions for good?",
            "Delete for good",
            ["It can't be restored any more. Collection then frees its content."],
            [.. rows.Take(8).Select(r => $"{r.Kind} {NameOf(r)}"), .. rows.Count > 8 ? [$"and {rows.Count - 8} more"] : Array.Empty<string>()]);
        if (confirmed)
        {
            await dialogs.RunAsync("Deleting for good", [.. rows.Select(r => new RunDialog.Item(NameOf(r), () => PurgeAsync(r)))]);
            _list?.ClearSelection();
        }
    }

    private async Task<string> PurgeAsync(DeletionRow row)
    {
        await deletions.PurgeAsync(await actor.GetAsync(), row.Id, CancellationToken.None);
        return "is gone for good.";
    }

    private TimeSpan Left(DeletionRow row)
    {
        var left = row.ExpiresAt - clock.GetUtcNow().UtcDateTime;
        return left.TotalHours >= 2 ? TimeSpan.FromHours(Math.Floor(left.TotalHours)) : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static string NameOf(DeletionRow row) => row.Kind switch
    {
        DeletionKind.Registry => row.Registry,
        DeletionKind.Image => row.Image!,
        DeletionKind.Tag => $"{row.Image}:{row.Tag}",
        _ => $"{row.Image}@{Digest.Parse(row.Digest!).Short}",
    };

    private static string Contents(DeletionRow row) => row.Kind == DeletionKind.Tag
        ? $"pointed to {Digest.Parse(row.Digest!).Short}"
        : $"{Words.Count(row.ArtifactCount, "artifact")}, {Words.Count(row.TagCount, "tag")}";

    private static string IconOf(DeletionKind kind) => kind switch
    {
        DeletionKind.Tag => Icons.Material.Outlined.Sell,
        DeletionKind.Artifact => Icons.Material.Outlined.ViewInAr,
        DeletionKind.Image => Icons.Material.Outlined.PhotoLibrary,
        _ => Icons.Material.Outlined.Layers,
    };
}
