using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Web.Account;
using Ncr.Web.Components.Pages.AccessKeys;

namespace Ncr.Web.Components.Pages.Users;

/// <summary>Another's access keys, for those who manage users.</summary>
public sealed partial class UserKeysPage(UserAdministration users, AccessKeyService keys, AccessKeyEditor editor, CurrentActor actor)
{
    private static readonly (string, string)[] Trail = [("Users", ConsoleUrls.Users)];

    private UserRow? _row;
    private IReadOnlyList<AccessKeyRow>? _keys;
    private bool _isLoaded;

    [SupplyParameterFromQuery(Name = "user")]
    private string? UserName { get; set; }

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.UserId is { } user && user == _row?.Id;

    protected override async Task RefreshAsync()
    {
        var who = await actor.GetAsync();
        _row = await users.FindAsync(who, UserName ?? "", Disposing);
        _keys = _row is null ? null : await keys.ListOfAsync(who, _row.Id, Disposing);
        _isLoaded = true;
    }
}
