using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Web.Account;

namespace Ncr.Web.Components.Pages.AccessKeys;

/// <summary>The signed-in user's access keys.</summary>
public sealed partial class AccessKeysPage(AccessKeyService keys, AccessKeyEditor editor, CurrentActor actor, ISnackbar snackbar)
{
    private static readonly string FullReason =
        $"You have {AccessKeyService.MaxPerUser} access keys, and that is the most. Delete one that is no longer used to make another.";

    private IReadOnlyList<AccessKeyRow>? _keys;
    private long? _userId;

    private bool IsFull => _keys is { Count: >= AccessKeyService.MaxPerUser };

    protected override Task OnInitializedAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.UserId is { } user && user == _userId;

    protected override async Task RefreshAsync()
    {
        var who = await actor.GetAsync();
        _userId = who.UserId;
        _keys = await keys.ListOwnAsync(who, Disposing);
    }

    private async Task CreateAsync()
    {
        if (IsFull)
        {
            snackbar.Add(FullReason, Severity.Info);
            return;
        }

        await editor.CreateAsync();
    }
}
