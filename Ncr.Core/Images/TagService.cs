using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
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

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly ReadCache _cache;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal TagService(IDbContextFactory<NcrDbContext> dbFactory, ReadCache cache, WriteGate writes, AccessService access, EventLog events, TimeProvider clock)
    {
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
        await _access.RequireAsync(actor, Permission.PullImage, image.Registry, cancellationToken);
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
        var query = db.Tags.Where(t => t.ArtifactId == artifactId);
        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var pattern = LikePattern.Contains(page.Search);
            query = query.Where(t => EF.Functions.Like(t.Name, pattern, LikePattern.Escape));
        }

        var total = await query.CountAsync(cancellationToken);
        var ordered = (page.Sort, page.Descending) switch
        {
            (nameof(TagRow.PushedAt), false) => query.OrderBy(t => t.PushedAt).ThenBy(t => t.Name),
            (nameof(TagRow.PushedAt), true) => query.OrderByDescending(t => t.PushedAt).ThenBy(t => t.Name),
            (_, true) => query.OrderByDescending(t => t.Name),
            _ => query.OrderBy(t => t.Name),
        };
        var items = await ordered.Skip(page.SafeSkip).Take(page.SafeTake)
            .Select(t => new TagRow(t.Name, t.Artifact!.Digest, t.PushedAt, t.PushedBy))
            .ToListAsync(cancellationToken);
        return new PageOf<TagRow>(items, total);
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
                var artifact = await db.Artifacts.Include(a => a.Image).FirstOrDefaultAsync(a => a.Image!.Name == image.ToString() && a.Digest == digest.ToString(), token)
                    ?? throw new NcrException(NcrError.ManifestUnknown, $"The image {image} has no artifact {digest}.");
                if (await db.Tags.Where(t => t.ImageId == artifact.ImageId && t.Name == tag).Select(t => t.Artifact!.Digest).FirstOrDefaultAsync(token) is { } other)
                {
                    throw new NcrException(NcrError.Conflict, $"The tag '{tag}' exists already{(other == artifact.Digest ? " on this artifact" : $": it points to {other}. Delete it there first")}.");
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
        var deleted = await _writes.RunAsync(
            async (db, token) =>
            {
                var found = await (from i in db.Images
                                   where i.Name == image.ToString()
                                   join t in db.Tags on i.Id equals t.ImageId
                                   where t.Name == tag
                                   select new { t.Id, t.ImageId, t.Artifact!.Digest }).FirstOrDefaultAsync(token);
                if (found is null)
                {
                    return false;
                }

                db.Touch(image.ToString());
                await db.Tags.Where(t => t.Id == found.Id).ExecuteDeleteAsync(token);
                await db.Images.Where(i => i.Id == found.ImageId).ExecuteUpdateAsync(s => s.SetProperty(i => i.TagCount, i => i.TagCount - 1), token);
                _events.Add(db, actor, EventTypes.TagDeleted, image.Registry, image.ToString(), tag, found.Digest);
                return true;
            },
            cancellationToken);
        if (deleted)
        {
            _events.Announce(new Change(EventTypes.TagDeleted, image.Registry, image.ToString()));
        }

        return deleted;
    }
}
