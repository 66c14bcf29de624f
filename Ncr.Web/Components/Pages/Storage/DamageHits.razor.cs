using Microsoft.AspNetCore.Components;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Storage;

/// <summary>Which artifacts and tags a damaged blob breaks, a few at first.</summary>
public sealed partial class DamageHits(IntegrityService integrity, CurrentActor actor)
{
    private const int Step = 5;

    private PageOf<HitArtifactRow>? _page;

    [Parameter, EditorRequired]
    public string Digest { get; set; } = "";

    protected override async Task OnInitializedAsync() => await ReadAsync(Step);

    private Task ShowMoreAsync() => ReadAsync((_page?.Items.Count ?? 0) + (4 * Step));

    private async Task ReadAsync(int take)
    {
        try
        {
            _page = await integrity.ListHitAsync(await actor.GetAsync(), Core.Blobs.Digest.Parse(Digest), new PageRequest(take), CancellationToken.None);
        }
        catch (Exception exception) when (Refusals.Of(exception) is not null)
        {
            // The section around it says why nothing can be shown.
        }
    }

    private static string HrefOf(HitArtifactRow hit) =>
        ImageName.TryParse(hit.Image, out var name) ? ConsoleUrls.Artifact(name.Registry, name.Image, hit.Digest) : "";
}
