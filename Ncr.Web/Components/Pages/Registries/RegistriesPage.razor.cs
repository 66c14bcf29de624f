using Microsoft.AspNetCore.Components;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>All registries.</summary>
public sealed partial class RegistriesPage(RegistryService registries, CurrentActor actor, ServerAddress server, RegistryCreator creator, RegistryDeleter deleter)
{
    private static readonly DataColumn[] Columns =
    [
        new("Name", nameof(RegistryRow.Name)),
        new("Images", nameof(RegistryRow.ImageCount), true) { IsNumber = true },
        new("Size", nameof(RegistryRow.Size), true) { IsNumber = true },
        new("Created", nameof(RegistryRow.CreatedAt), true),
        new("Actions") { IsActions = true },
    ];

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    private ServerAddress Server => server;

    private async Task<PageOf<RegistryRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await registries.ListAsync(await actor.GetAsync(), page, cancellationToken);

    private Task<bool> DeleteAsync(RegistryRow row) => deleter.DeleteAsync(row.Name);
}
