using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Deletions;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Core.Search;

namespace Ncr.Bench.Seed;

/// <summary>Times each question that a page asks, as the page asks it.</summary>
internal sealed class PageTimes(IServiceProvider services)
{
    private static readonly ImageName Huge = ImageName.Parse($"{Seeder.Registry}/{Seeder.Image}");

    private readonly ArtifactService _artifacts = services.GetRequiredService<ArtifactService>();
    private readonly TagService _tags = services.GetRequiredService<TagService>();
    private readonly ImageService _images = services.GetRequiredService<ImageService>();
    private readonly SearchService _search = services.GetRequiredService<SearchService>();
    private readonly RegistryService _registries = services.GetRequiredService<RegistryService>();
    private readonly DeletionPreviewService _previews = services.GetRequiredService<DeletionPreviewService>();

    public async Task RunAsync(int rounds)
    {
        var middle = (await ArtifactsAsync(new PageRequest(25, Sort: "Size"))).Next;
        var tag = (await TagsAsync(new PageRequest(1, Search: "v05"))).Items[0];
        var digest = Core.Blobs.Digest.Parse(tag.Digest);
        var far = Far(tag);
        Console.WriteLine("| Question | p50, ms | p95, ms |\n|---|---:|---:|");
        await TimeAsync("Registries", () => _registries.ListAsync(Actor.System, new PageRequest(), CancellationToken.None));
        await TimeAsync("Images of a registry, first page", () => ImagesAsync(new PageRequest()));
        await TimeAsync("Images, by size, second page", async () => await ImagesAsync(new PageRequest(Sort: "Size", Descending: true, After: (await ImagesAsync(new PageRequest(Sort: "Size", Descending: true))).Next)));
        await TimeAsync("Images, search that finds", () => ImagesAsync(new PageRequest(Search: "app0077")));
        await TimeAsync("Images, search that finds nothing", () => ImagesAsync(new PageRequest(Search: "nothing-like-it")));
        await TimeAsync("Artifacts of the image, first page", () => ArtifactsAsync(new PageRequest()));
        await TimeAsync("Artifacts, by size, second page", () => ArtifactsAsync(new PageRequest(25, Sort: "Size", After: middle)));
        await TimeAsync("Artifacts, by type", () => ArtifactsAsync(new PageRequest(Filter: "image")));
        await TimeAsync("Artifacts, untagged (there is none)", () => ArtifactsAsync(new PageRequest(Filter: "untagged")));
        await TimeAsync("Artifacts, search for a tag", () => ArtifactsAsync(new PageRequest(Search: tag.Name)));
        await TimeAsync("Artifacts, search for what 100,000 tags have", () => ArtifactsAsync(new PageRequest(Search: "v09")));
        await TimeAsync("Artifacts, search for a digest", () => ArtifactsAsync(new PageRequest(Search: tag.Digest[..19])));
        await TimeAsync("Tags of the image, first page", () => TagsAsync(new PageRequest()));
        await TimeAsync("Tags, a page from the middle", () => TagsAsync(new PageRequest(25, Sort: "Name", After: far)));
        await TimeAsync("Tags, last pushed first", () => TagsAsync(new PageRequest(Sort: "PushedAt", Descending: true)));
        await TimeAsync("Tags, search that finds", () => TagsAsync(new PageRequest(Search: "v0500")));
        await TimeAsync("Tags, search for what 100,000 have", () => TagsAsync(new PageRequest(Search: "V09")));
        await TimeAsync("… last pushed first", () => TagsAsync(new PageRequest(Search: "V00", Sort: "PushedAt", Descending: true)));
        await TimeAsync("Tags, search for two characters", () => TagsAsync(new PageRequest(Search: ".9")));
        await TimeAsync("Tags, search for two that none has", () => TagsAsync(new PageRequest(Search: "zz")));
        await TimeAsync("Tags, search that finds nothing", () => TagsAsync(new PageRequest(Search: "nothing-like-it")));
        await TimeAsync("Search everywhere, for a whole tag", () => SearchAsync(tag.Name));
        await TimeAsync("… for a part of tags", () => SearchAsync("5000."));
        await TimeAsync("… for a part of 100,000 tags", () => SearchAsync("099"));
        await TimeAsync("… for a tag of the image", () => SearchAsync($"{Seeder.Image}:{tag.Name[..4]}"));
        await TimeAsync("… for a tag of 10,000 images", () => SearchAsync("latest"));
        await TimeAsync("… for an image", () => SearchAsync("app0077"));
        await TimeAsync("… for a digest", () => SearchAsync(tag.Digest[..19]));
        await TimeAsync("… for a label that all have", () => SearchAsync("maintainer=bench"));
        await TimeAsync("… for nothing there is", () => SearchAsync("nothing-like-it"));
        await TimeAsync("One artifact with its documents", () => _artifacts.FindAsync(Actor.System, Huge, digest, CancellationToken.None));
        await TimeAsync("Its parts", () => _artifacts.ListPartsAsync(Actor.System, Huge, digest, CancellationToken.None));
        await TimeAsync("History of a tag", () => _tags.ListHistoryAsync(Actor.System, Huge, tag.Name, 100, CancellationToken.None));
        await TimeAsync("Preview of an artifact's deletion", () => _previews.OfArtifactsAsync(Actor.System, Huge, [digest], CancellationToken.None));

        async Task TimeAsync<T>(string name, Func<Task<T>> ask)
        {
            await ask();
            var times = new double[rounds];
            var budget = Stopwatch.StartNew();
            var done = 0;
            for (; done < rounds && (done < 20 || budget.Elapsed < TimeSpan.FromSeconds(10)); done++)
            {
                var since = Stopwatch.GetTimestamp();
                await ask();
                times[done] = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
            }

            Array.Sort(times, 0, done);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {times[done / 2]:0.0} | {times[done * 95 / 100]:0.0} |"));
        }
    }

    /// <summary>A place in the order of names, as a page's link to the next one has it.</summary>
    private static string Far(TagRow tag) => $"1.{tag.Name}";

    private Task<PageOf<ArtifactRow>> ArtifactsAsync(PageRequest page) => _artifacts.ListAsync(Actor.System, Huge, page, CancellationToken.None);

    private Task<PageOf<TagRow>> TagsAsync(PageRequest page) => _tags.ListAsync(Actor.System, Huge, page, CancellationToken.None);

    private Task<IReadOnlyList<SearchGroup>> SearchAsync(string text) => _search.SearchAsync(Actor.System, text, CancellationToken.None);

    private Task<PageOf<ImageRow>> ImagesAsync(PageRequest page) => _images.ListAsync(Actor.System, Seeder.Registry, page, CancellationToken.None);
}
