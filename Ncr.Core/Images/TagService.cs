using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Deletions;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Images;

/// <summary>Tags: movable names for artifacts.</summary>
public sealed class TagService
{
    private static readonly Func<NcrDbContext, string, string, int, IAsyncEnumerable<string>> NamesQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string image, string after, int take) =>
            (from i in db.Images
             where i.Name == image && i.PushedAt != null
             join t in db.Tags on i.Id equals t.ImageId
             where string.Compare(t.Name, after) > 0
             orderby t.Name
             select t.Name).Take(take));

    /// <summary>Characters of a digest, with its algorithm, that are taken for one.</summary>
    private const int MinDigestTyped = 11;

    /// <summary>Events of a tag that are looked at for its history.</summary>
    private const int MaxHistory = 1000;

    /// <summary>The filter that leaves nothing out.</summary>
    public const string All = "all";

    private static readonly SortColumn<Tag>[] Columns =
    [
        new SortColumn<Tag, string>(t => t.Name) { Name = nameof(TagRow.Name) },
        new SortColumn<Tag, DateTime>(t => t.PushedAt) { Name = nameof(TagRow.PushedAt) },
    ];

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly ReadCache _cache;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly PutAway _putAway;
    private readonly DeletionPurger _purger;
    private readonly TimeProvider _clock;

    internal TagService(
        IDbContextFactory<NcrDbContext> dbFactory, ReadCache cache, WriteGate writes, AccessService access, EventLog events, PutAway putAway, DeletionPurger purger, TimeProvider clock)
    {
        _putAway = putAway;
        _purger = purger;
        _dbFactory = dbFactory;
        _cache = cache;
        _writes = writes;
        _access = access;
        _events = events;
        _clock = clock;
    }

    /// <summary>Names of an image's tags in the order of bytes; null when there is no such image.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="image">The image.</param>
    /// <param name="after">Only names after this; null from the start. It need not exist.</param>
    /// <param name="take">Names wanted.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<KeysetPage<string>?> ListNamesAsync(Actor actor, ImageName image, string? after, int take, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        var (name, page) = (image.ToString(), $"{take} {after}");
        if (_cache.TryGet<KeysetPage<string>>(name, 't', page, out var known))
        {
            return known;
        }

        var stamp = _cache.StampOf(name);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var names = new List<string>();
        await foreach (var tag in NamesQuery(db, name, after ?? "", take + 1).WithCancellation(cancellationToken))
        {
            names.Add(tag);
        }

        if (names.Count == 0 && !await db.Images.AnyAsync(i => i.Name == name && i.PushedAt != null, cancellationToken))
        {
            return null;
        }

        var found = names.Count > take ? new KeysetPage<string>(names[..take], true) : new KeysetPage<string>(names, false);
        _cache.Set(name, 't', page, found, names.Sum(n => 32 + (2 * n.Length)), stamp);
        return found;
    }

    /// <summary>A page of the tags of one artifact, by name.</summary>
    public async Task<PageOf<TagRow>> ListOfArtifactAsync(Actor actor, ImageName image, Digest digest, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var artifactId = await (from i in db.Images
                                where i.Name == image.ToString()
                                join a in db.Artifacts on i.Id equals a.ImageId
                                where a.Digest == digest.ToString()
                                select (long?)a.Id).FirstOrDefaultAsync(cancellationToken);
        if (string.IsNullOrWhiteSpace(page.Search))
        {
            return await ReadAsync(db, new TagSearch(db.Tags.Where(t => t.ArtifactId == artifactId), null), page, total: null, cancellationToken);
        }

        return await ReadAsync(db, await TagSearch.FindAsync(db, t => t.ArtifactId == artifactId, null, page.Search, cancellationToken), page, total: null, cancellationToken);
    }

    /// <summary>
    /// A page of an image's tags, by Name or PushedAt. Tags that only say what their artifact belongs to, such as those of cosign's signatures, are left out unless
    /// the filter is <see cref="All"/> or the search begins as they do.
    /// </summary>
    public async Task<PageOf<TagRow>> ListAsync(Actor actor, ImageName image, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var row = await db.Images.Where(i => i.Name == image.ToString()).Select(i => new { i.Id, i.TagCount }).FirstOrDefaultAsync(cancellationToken) ?? throw ManifestService.ImageUnknown(image);
        var withAccessories = page.Filter == All || page.Search?.Trim().StartsWith(AccessoryTag.Start, StringComparison.OrdinalIgnoreCase) == true;
        if (string.IsNullOrWhiteSpace(page.Search))
        {
            var tags = db.Tags.Where(t => t.ImageId == row.Id);
            return withAccessories
                ? await ReadAsync(db, new TagSearch(tags, null), page, row.TagCount, cancellationToken)
                : await ReadAsync(db, new TagSearch(tags.Where(AccessoryTag.Unlike), null), page, row.TagCount - await tags.CountAsync(AccessoryTag.Like, cancellationToken), cancellationToken);
        }

        var search = await TagSearch.FindAsync(db, t => t.ImageId == row.Id, row.TagCount, page.Search, cancellationToken);
        return await ReadAsync(
            db, withAccessories ? search : new TagSearch(search.Tags.Where(AccessoryTag.Unlike), search.Sample?.Where(AccessoryTag.Unlike)), page, total: null, cancellationToken);
    }

    /// <summary>How many tags of an image only say what their artifact belongs to.</summary>
    public async Task<int> CountAccessoryTagsAsync(Actor actor, ImageName image, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var imageId = await db.Images.Where(i => i.Name == image.ToString()).Select(i => (long?)i.Id).FirstOrDefaultAsync(cancellationToken);
        return imageId is null ? 0 : await db.Tags.Where(t => t.ImageId == imageId).CountAsync(AccessoryTag.Like, cancellationToken);
    }

    private static async Task<PageOf<TagRow>> ReadAsync(NcrDbContext db, TagSearch search, PageRequest page, long? total, CancellationToken cancellationToken)
    {
        var found = await Keyset.FindAsync(search.Tags, page, t => t.Id, Columns, descendingFirst: false, total, cancellationToken, search.Sample);
        var rows = await db.Tags.Where(t => found.Items.Contains(t.Id))
            .Select(t => new { t.Id, Row = new TagRow(t.Name, t.Artifact!.Digest, t.Artifact.Type, t.Artifact.Size, t.PushedAt, t.PushedBy) })
            .ToDictionaryAsync(t => t.Id, t => t.Row, cancellationToken);
        return found.With([.. found.Items.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>Makes a tag for an artifact.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.TagInvalid"/>; <see cref="NcrError.Conflict"/>: the tag exists; <see cref="NcrError.ManifestUnknown"/>.</exception>
    public async Task CreateAsync(Actor actor, ImageName image, Digest digest, string tag, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.CreateTag, image.Registry, cancellationToken);
        if (!TagName.IsValid(tag))
        {
            throw new NcrException(NcrError.TagInvalid, $"'{tag}' is no tag. {TagName.Rule}", new { tag });
        }

        await _writes.RunAsync(
            async (db, token) =>
            {
                var artifact = await FindArtifactAsync(db, image, digest, token);
                if (await db.Tags.Where(t => t.ImageId == artifact.ImageId && t.Name == tag).Select(t => t.Artifact!.Digest).FirstOrDefaultAsync(token) is { } other)
                {
                    throw new NcrException(NcrError.Conflict, $"The tag '{tag}' exists already{(other == artifact.Digest ? " on this artifact" : $": it points to {other}. Move it, or choose another name")}.");
                }

                await PushWriter.PointAsync(db, new ImageKeys(artifact.ImageId, artifact.Image!.RegistryId, artifact.Image.Name, false), artifact.Id, tag, actor, _clock.GetUtcNow().UtcDateTime);
                _events.Add(db, actor, EventTypes.TagCreated, image.Registry, image.ToString(), tag, digest.ToString());
                return true;
            },
            cancellationToken);
        _events.Announce(new Change(EventTypes.TagCreated, image.Registry, image.ToString()));
    }

    /// <summary>Deletes a tag; its artifact stays.</summary>
    /// <returns>False when the image has no such tag.</returns>
    public async Task<bool> DeleteAsync(Actor actor, ImageName image, string tag, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.DeleteTag, image.Registry, cancellationToken);
        var deletion = await _writes.RunAsync(
            async (db, token) =>
            {
                var found = await (from i in db.Images
                                   where i.Name == image.ToString()
                                   join t in db.Tags on i.Id equals t.ImageId
                                   where t.Name == tag
                                   select new { Tag = t, t.Artifact!.Digest }).FirstOrDefaultAsync(token);
                return found is null ? null : await _putAway.TagAsync(db, actor, image, found.Tag, found.Digest, token);
            },
            cancellationToken);
        if (deletion is not null)
        {
            _events.Announce(new Change(EventTypes.TagDeleted, image.Registry, image.ToString()));
            await _purger.FollowAsync(deletion);
        }

        return deletion is not null;
    }

    /// <summary>Points an existing tag to another artifact of the image.</summary>
    /// <returns>Where it pointed before.</returns>
    /// <exception cref="NcrException"><see cref="NcrError.ManifestUnknown"/>; <see cref="NcrError.NotFound"/>: there is no such tag.</exception>
    public async Task<Digest> MoveAsync(Actor actor, ImageName image, string tag, Digest digest, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.CreateTag, image.Registry, cancellationToken);
        await _access.RequireAsync(actor, Permission.DeleteTag, image.Registry, cancellationToken);
        var before = await _writes.RunAsync(
            async (db, token) =>
            {
                var artifact = await FindArtifactAsync(db, image, digest, token);
                var known = await db.Tags.Where(t => t.ImageId == artifact.ImageId && t.Name == tag).Select(t => t.Artifact!.Digest).FirstOrDefaultAsync(token)
                    ?? throw new NcrException(NcrError.NotFound, $"The image {image} has no tag '{tag}' any more.");
                if (known != artifact.Digest)
                {
                    await PushWriter.PointAsync(db, new ImageKeys(artifact.ImageId, artifact.Image!.RegistryId, artifact.Image.Name, false), artifact.Id, tag, actor, _clock.GetUtcNow().UtcDateTime);
                    _events.Add(db, actor, EventTypes.TagMoved, image.Registry, image.ToString(), tag, digest.ToString(), $"from {known}");
                }

                return known;
            },
            cancellationToken);
        _events.Announce(new Change(EventTypes.TagMoved, image.Registry, image.ToString()));
        return Digest.Parse(before);
    }

    /// <summary>The artifact that a person means by a tag, a digest or the first digits of one.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.NotFound"/>: there is none; <see cref="NcrError.Conflict"/>: several begin so.</exception>
    public async Task<Digest> ResolveAsync(Actor actor, ImageName image, string reference, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var imageId = await BlobLinks.FindImageIdAsync(db, image) ?? throw ManifestService.ImageUnknown(image);
        if (await db.Tags.Where(t => t.ImageId == imageId && t.Name == reference).Select(t => t.Artifact!.Digest).FirstOrDefaultAsync(cancellationToken) is { } tagged)
        {
            return Digest.Parse(tagged);
        }

        var start = reference.Contains(':', StringComparison.Ordinal) ? reference : $"sha256:{reference}";
        var found = start.Length < MinDigestTyped
            ? []
            : await db.Artifacts.Where(a => a.ImageId == imageId && string.Compare(a.Digest, start) >= 0 && string.Compare(a.Digest, start + "g") < 0)
                .OrderBy(a => a.Digest).Take(2).Select(a => a.Digest).ToListAsync(cancellationToken);
        return found.Count switch
        {
            1 => Digest.Parse(found[0]),
            0 => throw new NcrException(NcrError.NotFound, $"The image has no tag '{reference}', and no artifact whose digest begins so."),
            _ => throw new NcrException(NcrError.Conflict, $"Several artifacts have a digest that begins with '{reference}'. Give more of it."),
        };
    }

    /// <summary>What a tag has named, the last first: at most <paramref name="take"/> changes. Pushes that changed nothing are left out.</summary>
    public async Task<IReadOnlyList<TagChange>> ListHistoryAsync(Actor actor, ImageName image, string tag, int take, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var imageId = await BlobLinks.FindImageIdAsync(db, image);
        var events = await db.Events.Where(e => e.Image == image.ToString() && e.Tag == tag && e.Type != EventTypes.ArtifactPulled).OrderByDescending(e => e.Id).Take(MaxHistory)
            .Select(e => new { e.Type, e.At, e.Actor, e.Address, e.Digest, IsThere = db.Artifacts.Any(a => a.ImageId == imageId && a.Digest == e.Digest) })
            .ToListAsync(cancellationToken);
        var changes = new List<TagChange>();
        string? current = null;
        foreach (var e in Enumerable.Reverse(events))
        {
            var now = e.Type == EventTypes.TagDeleted ? null : e.Digest;
            if (now != current || changes.Count == 0)
            {
                changes.Add(new TagChange(e.At, e.Type, now, current, e.IsThere, e.Actor, e.Address));
                current = now;
            }
        }

        changes.Reverse();
        return changes.Count > take ? changes[..take] : changes;
    }

    private static async Task<Artifact> FindArtifactAsync(NcrDbContext db, ImageName image, Digest digest, CancellationToken cancellationToken) =>
        await db.Artifacts.Include(a => a.Image).FirstOrDefaultAsync(a => a.Image!.Name == image.ToString() && a.Digest == digest.ToString(), cancellationToken)
            ?? throw new NcrException(NcrError.ManifestUnknown, $"The image {image} has no artifact {digest}.");
}
