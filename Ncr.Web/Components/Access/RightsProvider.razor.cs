using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Web.Account;

namespace Ncr.Web.Components.Access;

/// <summary>Reads the <see cref="Rights"/> once for all of an open page, and again when roles change.</summary>
public sealed partial class RightsProvider(AccessService access, CurrentActor actor)
{
    private Rights? _rights;

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    protected override Task OnInitializedAsync() => RefreshAsync();

    // With the registries, since roles in single ones come and go with them.
    protected override bool Concerns(Change change) =>
        change.Type is EventTypes.UserChanged or EventTypes.MemberChanged or EventTypes.RegistryCreated or EventTypes.RegistryChanged or EventTypes.RegistryDeleted or EventTypes.RegistryRestored;

    protected override async Task RefreshAsync()
    {
        var read = await Rights.ReadAsync(access, await actor.GetAsync(), Disposing);
        if (_rights?.IsSameAs(read) != true) // A new one draws the whole page.
        {
            _rights = read;
        }
    }
}
