using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Deletions;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Images;

/// <summary>Artifacts: what an image holds.</summary>
public sealed class ArtifactService
{
    private const int MaxConfigShown = 1 << 20;

    /// <summary>Tags that a search goes by, and digests: who finds more than that needs another search.</summary>
    private const int MaxFound = TagSearch.Few;

    /// <summary>Tags that a sample has to find to stand for all: the newest, mostly.</summary>
    private const int EnoughTags = 2000;

    private static readonly SortColumn<Artifact>[] Columns =
    [
        new SortColumn<Artifact, DateTime>(a => a.PushedAt) { Name = nameof(ArtifactRow.PushedAt) },
        new SortColumn<Artifact, long>(a => a.Size) { Name = nameof(ArtifactRow.Size) },
        new SortColumn<Artifact, DateTime?>(a => a.PulledAt) { Name = nameof(ArtifactRow.PulledAt) },
        new SortColumn<Artifact, long>(a => a.PullCount) { Name = nameof(ArtifactRow.PullCount) },
    ];

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly IBlobStore _store;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly PutAway _putAway;
    private readonly DeletionPurger _purger;

    internal ArtifactService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, IBlobStore store, AccessService access, EventLog events, PutAway putAway, DeletionPurger purger)
    {
        _putAway = putAway;
        _purger = purger;
        _dbFactory = dbFactory;
        _writes = writes;
        _store = store;
        _access = access;
        _events = events;
    }

    /// <summary>
    /// A page of an image's artifacts, the last pushed first unless sorted by Size, PulledAt or PullCount. The search looks at any part of tags, and the start of digests;
    /// of a part that more than 20,000 tags have, some of those stand for all, mostly the newest;
    /// the filter is an <see cref="ArtifactFilter"/>. Without either, parts are left out: untagged children of an index that is there, and accessories of an artifact that is there.
    /// </summary>
    public async Task<PageOf<ArtifactRow>> ListAsync(Actor actor, ImageName image, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var imageId = await BlobLinks.FindImageIdAsync(db, image) ?? throw ManifestService.ImageUnknown(image);
        var query = ArtifactFilter.Parse(page.Filter).Apply(db, db.Artifacts.Where(a => a.ImageId == imageId), string.IsNullOrWhiteSpace(page.Search));
        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var ids = await SearchAsync(db, imageId, page.Search.Trim(), cancellationToken);
            query = query.Where(a => EF.Parameter(ids).Contains(a.Id));
        }

        var found = await Keyset.FindAsync(query, page, a => a.Id, Columns, descendingFirst: true, total: null, cancellationToken);
        var rows = (await ArtifactRows.ReadAsync(db, db.Artifacts.Where(a => found.Items.Contains(a.Id)), cancellationToken)).ToDictionary(r => r.Id);
        return found.With([.. found.Items.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>Artifacts by the start of their digest, or by a part of a tag: each found by its own index, then looked up.</summary>
    private static async Task<List<long>> SearchAsync(NcrDbContext db, long imageId, string search, CancellationToken cancellationToken)
    {
        var start = (search.Contains(':', StringComparison.Ordinal) ? search : $"sha256:{search}").ToLowerInvariant();
        var ids = await db.Artifacts.Where(a => a.ImageId == imageId && string.Compare(a.Digest, start) >= 0 && string.Compare(a.Digest, start + "g") < 0)
            .OrderBy(a => a.Digest).Take(MaxFound).Select(a => a.Id).ToListAsync(cancellationToken);
        var tagCount = await db.Images.Where(i => i.Id == imageId).Select(i => i.TagCount).FirstOrDefaultAsync(cancellationToken);
        var tags = await TagSearch.FindAsync(db, t => t.ImageId == imageId, tagCount, search, cancellationToken);
        var ofTags = tags.Sample is null ? [] : await tags.Sample.Select(t => t.ArtifactId).ToListAsync(cancellationToken);
        if (ofTags.Count < EnoughTags)
        {
            ofTags = await tags.Tags.OrderBy(t => t.Name).Take(MaxFound).Select(t => t.ArtifactId).ToListAsync(cancellationToken);
        }

        ids.AddRange(ofTags);
        return [.. ids.Distinct()];
    }

    /// <summary>One artifact with its documents; null when it is not there.</summary>
    public async Task<ArtifactDetails?> FindAsync(Actor actor, ImageName image, Digest digest, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        if (await BlobLinks.FindImageIdAsync(db, image) is not { } imageId)
        {
            return null;
        }

        var found = db.Artifacts.AsNoTracking().Where(a => a.ImageId == imageId && a.Digest == digest.ToString());
        var row = (await ArtifactRows.ReadAsync(db, found, cancellationToken)).FirstOrDefault();
        var payload = await db.Manifests.Where(m => m.Digest == digest.ToString()).Select(m => m.Payload).FirstOrDefaultAsync(cancellationToken);
        if (row is null || payload is null)
        {
            return null;
        }

        var document = ManifestDocument.Parse(payload, row.MediaType);
        var parents = await db.ArtifactChildren.Where(c => c.ImageId == imageId && c.Digest == digest.ToString())
            .OrderBy(c => c.ParentId).Take(20).Select(c => c.Parent!.Digest).ToListAsync(cancellationToken);
        return new ArtifactDetails(row, document, payload, await FindConfigAsync(db, document, imageId, cancellationToken), parents, document.Subject?.Digest.ToString());
    }

    /// <summary>What belongs to an artifact; nothing when it is not there.</summary>
    public async Task<ArtifactParts> ListPartsAsync(Actor actor, ImageName image, Digest digest, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        if (await BlobLinks.FindImageIdAsync(db, image) is not { } imageId)
        {
            return ArtifactParts.None;
        }

        var mine = db.Artifacts.AsNoTracking().Where(a => a.ImageId == imageId);
        var parentId = await mine.Where(a => a.Digest == digest.ToString()).Select(a => a.Id).FirstOrDefaultAsync(cancellationToken);
        var named = await db.ArtifactChildren.Where(c => c.ParentId == parentId).Select(c => c.Digest).ToListAsync(cancellationToken);
        var children = named.Count == 0 ? [] : await ArtifactRows.ReadAsync(db, mine.Where(a => named.Contains(a.Digest)), cancellationToken);
        var attachments = await ArtifactRows.ReadAsync(
            db,
            mine.Where(a => a.AccessoryOf == digest.ToString()).OrderByDescending(a => a.PushedAt).ThenByDescending(a => a.Id).Take(ArtifactParts.MaxAttachments),
            cancellationToken);
        return new ArtifactParts(children.ToDictionary(r => r.Digest), attachments);
    }

    /// <summary>Deletes an artifact and its tags.</summary>
    /// <param name="actor">Who deletes.</param>
    /// <param name="image">Where.</param>
    /// <param name="digest">Which.</param>
    /// <param name="withParts">
    /// Whether what then serves nothing goes too: children of an index that have no tag and no other index, and what is about the artifact
    /// (signatures, SBOMs). A client of /v2 names each itself and so passes false.
    /// </param>
    /// <param name="cancellationToken">Ends the wait before anything was deleted.</param>
    /// <returns>How many artifacts went; 0 when there is none of that digest.</returns>
    /// <exception cref="NcrException"><see cref="NcrError.InUse"/>: an index names it.</exception>
    public async Task<int> DeleteAsync(Actor actor, ImageName image, Digest digest, bool withParts, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.DeleteArtifact, image.Registry, cancellationToken);
        var deletion = await _writes.RunAsync(
            async (db, token) =>
            {
                var row = await db.Images.AsTracking().FirstOrDefaultAsync(i => i.Name == image.ToString(), token);
                var artifact = row is null ? null : await db.Artifacts.FirstOrDefaultAsync(a => a.ImageId == row.Id && a.Digest == digest.ToString(), token);
                if (row is null || artifact is null)
                {
                    return null;
                }

                var parent = await db.ArtifactChildren.Where(c => c.ImageId == row.Id && c.Digest == artifact.Digest && c.ParentId != artifact.Id)
                    .Select(c => c.Parent!.Digest).FirstOrDefaultAsync(token);
                if (parent is not null)
                {
                    throw new NcrException(NcrError.InUse, $"{digest} is part of the index {parent} in {image}. Delete that index first.", new { digest = digest.ToString(), artifact = parent });
                }

                var gone = withParts ? await ArtifactTree.FindWithPartsAsync(db, row.Id, artifact, token) : [artifact];
                return await _putAway.ArtifactsAsync(db, actor, image, row, gone, token);
            },
            cancellationToken);
        if (deletion is not null)
        {
            _events.Announce(new Change(EventTypes.ArtifactDeleted, image.Registry, image.ToString()));
            await _purger.FollowAsync(deletion);
        }

        return deletion?.ArtifactCount ?? 0;
    }

    private async Task<byte[]?> FindConfigAsync(NcrDbContext db, ManifestDocument document, long imageId, CancellationToken cancellationToken)
    {
        if (document.Config is not { Size: <= MaxConfigShown } config)
        {
            return null;
        }

        var location = await db.ImageBlobs.Where(l => l.ImageId == imageId && l.Blob!.Digest == config.Digest.ToString() && l.Blob.Size <= MaxConfigShown)
            .Select(l => l.Blob!.Location).FirstOrDefaultAsync(cancellationToken);
        await using var content = location is null ? null : await _store.OpenAsync(location, cancellationToken);
        if (content is null)
        {
            return null;
        }

        var bytes = await content.ReadAllAsync(cancellationToken);
        try
        {
            JsonDocument.Parse(bytes).Dispose();
            return bytes;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
