using Ncr.Core.Images;
using Ncr.Registry.Protocol;

namespace Ncr.Registry.Catalog;

/// <summary><c>/v2/_catalog</c>, Docker's list of repositories, which the distribution-spec leaves to history and clients still ask for.</summary>
internal sealed class CatalogEndpoint(ImageService images)
{
    public async Task HandleAsync(RegistryRequest request)
    {
        if (await ListPaging.ReadAsync(request.Context, ListPaging.MaxNames) is not { } paging)
        {
            return;
        }

        var page = await images.ListNamesAsync(request.Actor, paging.Last, paging.Count, request.Aborted);
        if (page.HasMore && paging.Count > 0)
        {
            ListPaging.AddLink(request.Context, paging.Count, page.Items[^1]);
        }

        await NameList.WriteAsync(request, "repositories", page.Items, name: null);
    }
}
