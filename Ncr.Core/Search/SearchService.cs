using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Images;

namespace Ncr.Core.Search;

/// <summary>Finds registries, images, tags, digests and labels by what people type.</summary>
public sealed class SearchService
{
    /// <summary>Hits of a kind that are told of.</summary>
    public const int MaxHits = 6;

    /// <summary>Images that a tag with an image's name before it is looked for in.</summary>
    private const int MaxImages = 20;

    /// <summary>The well-known annotations (image-spec, annotations.md) can be asked for without this.</summary>
    private const string WellKnown = "org.opencontainers.image.";

    private const int Take = MaxHits + 1;

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly AccessService _access;

    internal SearchService(IDbContextFactory<NcrDbContext> dbFactory, AccessService access)
    {
        _dbFactory = dbFactory;
        _access = access;
    }

    /// <summary>
    /// What matches, by kind and whatever the case: registries, images and tags by any part of their names (tags from three characters on, else by their start),
    /// digests by their start (from four digits on), labels by <c>name=value</c> or the start of either. <c>image:tag</c>, <c>image@digest</c> and whole addresses find what they name. Kinds without hits are left out.
    /// </summary>
    public async Task<IReadOnlyList<SearchGroup>> SearchAsync(Actor actor, string? text, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewRegistries, null, cancellationToken);
        if (SearchText.Parse(text) is not { } search)
        {
            return [];
        }

        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var visible = await _access.RegistriesAsync(actor, Permission.ViewImages, cancellationToken);
        IReadOnlyList<long>? within = visible.Names is { } names ? await db.Registries.Where(r => names.Contains(r.Name)).Select(r => r.Id).ToListAsync(cancellationToken) : null;
        var groups = new List<SearchGroup>();
        await AddAsync(SearchKind.Registry, (await FindNamesAsync(name => SearchQueries.Registries(db, name, Take, within))).ConvertAll(name => new SearchHit(SearchKind.Registry, name)));
        await AddAsync(SearchKind.Image, (await FindNamesAsync(name => SearchQueries.Images(db, name, Take, within))).ConvertAll(name => Hit(SearchKind.Image, name)));
        await AddAsync(SearchKind.Tag, (await FindTagsAsync(db, search, within, cancellationToken)).ConvertAll(r => Hit(SearchKind.Tag, r.Image, r.Tag, r.Digest)));
        if (search.Digest is { } digest)
        {
            var rows = await SearchQueries.Digests(db, digest, Take, within).ToListAsync(cancellationToken);
            await AddAsync(SearchKind.Digest, await WithTagsAsync(db, SearchKind.Digest, rows, cancellationToken));
        }

        var labels = await FindLabelsAsync(db, search, within, cancellationToken);
        await AddAsync(SearchKind.Label, await WithTagsAsync(db, SearchKind.Label, labels, cancellationToken));
        return groups;

        async Task<List<string>> FindNamesAsync(Func<string, IQueryable<string>> query)
        {
            var found = new List<string>();
            foreach (var name in search.Names.Where(n => n.Length > 0))
            {
                found.AddRange(await query(name).ToListAsync(cancellationToken));
            }

            return [.. found.Distinct().Take(Take)];
        }

        async Task AddAsync(SearchKind kind, List<SearchHit> hits)
        {
            var seen = new List<SearchHit>();
            foreach (var hit in hits)
            {
                if (await _access.IsAllowedAsync(actor, kind == SearchKind.Registry ? Permission.ViewRegistries : Permission.ViewImages, hit.Registry, cancellationToken))
                {
                    seen.Add(hit);
                }
            }

            if (seen.Count > 0)
            {
                groups.Add(new SearchGroup(kind, [.. seen.Take(MaxHits)], seen.Count > MaxHits));
            }
        }
    }

    private static async Task<List<SearchRow>> FindTagsAsync(NcrDbContext db, SearchText search, IReadOnlyList<long>? within, CancellationToken cancellationToken)
    {
        if (search.Tag is not { } tag)
        {
            return [];
        }

        if (search.TagImages.Count > 0)
        {
            var images = new Dictionary<long, int>();
            foreach (var name in search.TagImages.Where(n => n.Length > 0))
            {
                foreach (var image in await SearchQueries.ImagesNamed(db, name, MaxImages, within).Select(i => new { i.Id, i.TagCount }).ToListAsync(cancellationToken))
                {
                    images[image.Id] = image.TagCount;
                }
            }

            var isLarge = tag.Length > 0 && images.Values.Sum(c => (long)c) > TagSearch.Few;
            var tags = isLarge ? SearchQueries.TagsOfLarge(db, [.. images.Keys], tag, Take) : SearchQueries.TagsOfSmall(db, [.. images.Keys], tag, Take);
            return images.Count == 0 ? [] : await tags.ToListAsync(cancellationToken);
        }

        var found = await SearchQueries.TagsNamed(db, tag, Take, within).ToListAsync(cancellationToken);
        if (found.Count < Take)
        {
            found.AddRange(await SearchQueries.TagsFrom(db, tag, Take - found.Count, within).ToListAsync(cancellationToken));
        }

        if (found.Count < Take && tag.Length >= TagNames.GroupLength && TagNames.CanHold(tag))
        {
            found.AddRange(await SearchQueries.TagsWithin(db, tag, Take - found.Count, within).ToListAsync(cancellationToken));
        }

        return found;
    }

    private static async Task<List<SearchRow>> FindLabelsAsync(NcrDbContext db, SearchText search, IReadOnlyList<long>? within, CancellationToken cancellationToken)
    {
        IQueryable<SearchRow>[] queries = search is { LabelName: { } name, LabelValue: { } value }
            ? [SearchQueries.LabelsByValueOf(db, name, value, within), SearchQueries.LabelsByValueOf(db, WellKnown + name, value, within)]
            : [SearchQueries.LabelsByName(db, search.Whole, within), SearchQueries.LabelsByName(db, WellKnown + search.Whole, within), SearchQueries.LabelsByValue(db, search.Whole, within)];
        var found = new List<SearchRow>();
        foreach (var query in queries)
        {
            // The many versions of an image say the same of themselves: the newest stands for them.
            var rows = await query.ToListAsync(cancellationToken);
            found.AddRange(rows.GroupBy(r => (r.LabelName, r.LabelValue, r.Image)).Select(g => g.MaxBy(r => r.Order)!));
            if (found.Count >= Take)
            {
                break;
            }
        }

        return [.. found.DistinctBy(r => (r.LabelName, r.LabelValue, r.Image)).Take(Take)];
    }

    private static async Task<List<SearchHit>> WithTagsAsync(NcrDbContext db, SearchKind kind, List<SearchRow> rows, CancellationToken cancellationToken)
    {
        var hits = new List<SearchHit>();
        foreach (var row in rows)
        {
            var tag = await db.Tags.Where(t => t.ArtifactId == row.ArtifactId).OrderBy(t => t.Name).Select(t => t.Name).FirstOrDefaultAsync(cancellationToken);
            hits.Add(Hit(kind, row.Image, tag, row.Digest) with { LabelName = row.LabelName, LabelValue = row.LabelValue });
        }

        return hits;
    }

    private static SearchHit Hit(SearchKind kind, string fullName, string? tag = null, string? digest = null)
    {
        var name = ImageName.Parse(fullName);
        return new SearchHit(kind, name.Registry, name.Image, tag, digest);
    }
}
