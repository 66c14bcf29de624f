using Ncr.Core.Images;
using Ncr.Registry.Protocol;

namespace Ncr.Registry.Tags;

/// <summary><c>/v2/NAME/tags/list</c> (distribution-spec, "Listing Tags").</summary>
internal sealed class TagsEndpoint(TagService tags, ManifestService manifests)
{
    public async Task HandleAsync(RegistryRequest request)
    {
        if (await ListPaging.ReadAsync(request.Context, ListPaging.MaxNames) is not { } paging)
        {
            return;
        }

        var page = await tags.ListNamesAsync(request.Actor, request.Image, paging.Last, paging.Count, request.Aborted);
        if (page is null)
        {
            throw await manifests.ExplainMissingAsync(request.Image, reference: null, request.Aborted);
        }

        if (page.HasMore && paging.Count > 0)
        {
            ListPaging.AddLink(request.Context, paging.Count, page.Items[^1]);
        }

        await NameList.WriteAsync(request, "tags", page.Items, request.Image.ToString());
    }
}
