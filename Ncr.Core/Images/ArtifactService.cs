using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Images;

/// <summary>Artifacts: what an image holds.</summary>
public sealed class ArtifactService
{
    private const int MaxConfigShown = 1 << 20;

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly IBlobStore _store;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal ArtifactService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, IBlobStore store, AccessService access, EventLog events, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _store = store;
        _access = access;
        _events = events;
        _clock = clock;
    }

    /// <summary>A page of an image's artifacts, the last pushed first unless sorted by PushedAt, Size, PulledAt or PullCount. The search looks at tags and the start of digests.</summary>
    public async Task<PageOf<ArtifactRow>> ListAsync(Actor actor, ImageName image, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var imageId = await BlobLinks.FindImageIdAsync(db, image) ?? throw ManifestService.ImageUnknown(image);
        var query = db.Artifacts.AsNoTracking().Where(a => a.ImageId == imageId);
        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var search = page.Search.Trim();
            var pattern = LikePattern.Contains(search);
            var start = search.Contains(':', StringComparison.Ordinal) ? search : $"sha256:{search}";
            query = query.Where(a => a.Digest.StartsWith(start)
                || db.Tags.Any(t => t.ArtifactId == a.Id && EF.Functions.Like(t.Name, pattern, LikePattern.Escape)));
        }

        var total = await query.CountAsync(cancellationToken);
        var ordered = (page.Sort, page.Descending) switch
        {
            (nameof(ArtifactRow.PushedAt), false) => query.OrderBy(a => a.PushedAt).ThenBy(a => a.Id),
            (nameof(ArtifactRow.Size), false) => query.OrderBy(a => a.Size).ThenBy(a => a.Id),
            (nameof(ArtifactRow.Size), true) => query.OrderByDescending(a => a.Size).ThenBy(a => a.Id),
            (nameof(ArtifactRow.PulledAt), false) => query.OrderBy(a => a.PulledAt).ThenBy(a => a.Id),
            (nameof(ArtifactRow.PulledAt), true) => query.OrderByDescending(a => a.PulledAt).ThenBy(a => a.Id),
            (nameof(ArtifactRow.PullCount), false) => query.OrderBy(a => a.PullCount).ThenBy(a => a.Id),
            (nameof(ArtifactRow.PullCount), true) => query.OrderByDescending(a => a.PullCount).ThenBy(a => a.Id),
            _ => query.OrderByDescending(a => a.PushedAt).ThenByDescending(a => a.Id),
        };
        var items = await ReadRowsAsync(db, ordered.Skip(page.SafeSkip).Take(page.SafeTake), cancellationToken);
        return new PageOf<ArtifactRow>(items, total);
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
        var row = (await ReadRowsAsync(db, found, cancellationToken)).FirstOrDefault();
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
        var children = await ReadRowsAsync(db, mine.Where(a => db.ArtifactChildren.Any(c => c.ImageId == imageId && c.Digest == a.Digest && c.Parent!.Digest == digest.ToString())), cancellationToken);
        var attachments = await ReadRowsAsync(
            db,
            mine.Where(a => a.Subject == digest.ToString()).OrderByDescending(a => a.PushedAt).ThenByDescending(a => a.Id).Take(ArtifactParts.MaxAttachments),
            cancellationToken);
        return new ArtifactParts(children.ToDictionary(r => r.Digest), attachments);
    }

    /// <summary>All that <see cref="DeleteAsync"/> with its parts would delete, the artifact first; empty when it is not there.</summary>
    public async Task<IReadOnlyList<ArtifactRow>> ListDeletedWithAsync(Actor actor, ImageName image, Digest digest, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var row = await db.Images.AsNoTracking().FirstOrDefaultAsync(i => i.Name == image.ToString(), cancellationToken);
        var first = row is null ? null : await db.Artifacts.AsNoTracking().FirstOrDefaultAsync(a => a.ImageId == row.Id && a.Digest == digest.ToString(), cancellationToken);
        if (row is null || first is null)
        {
            return [];
        }

        var gone = new List<long>();
        var queue = new Queue<Artifact>([first]);
        var seen = new HashSet<long> { first.Id };
        while (queue.TryDequeue(out var artifact))
        {
            gone.Add(artifact.Id);
            var children = await db.ArtifactChildren.Where(c => c.ParentId == artifact.Id).Select(c => c.Digest).ToListAsync(cancellationToken);
            foreach (var part in (await FindLooseAsync(db, row.Id, artifact, children, gone, cancellationToken)).Where(p => seen.Add(p.Id)))
            {
                queue.Enqueue(part);
            }
        }

        var rows = (await ReadRowsAsync(db, db.Artifacts.AsNoTracking().Where(a => gone.Contains(a.Id)), cancellationToken)).ToDictionary(r => r.Digest);
        return [rows[first.Digest], .. rows.Values.Where(r => r.Digest != first.Digest).OrderBy(r => r.Type).ThenBy(r => r.Platforms, StringComparer.Ordinal)];
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
        var count = await _writes.RunAsync(
            async (db, token) =>
            {
                var row = await db.Images.AsTracking().FirstOrDefaultAsync(i => i.Name == image.ToString(), token);
                var artifact = row is null ? null : await db.Artifacts.AsNoTracking().FirstOrDefaultAsync(a => a.ImageId == row.Id && a.Digest == digest.ToString(), token);
                if (row is null || artifact is null)
                {
                    return 0;
                }

                var parent = await db.ArtifactChildren.Where(c => c.ImageId == row.Id && c.Digest == artifact.Digest && c.ParentId != artifact.Id)
                    .Select(c => c.Parent!.Digest).FirstOrDefaultAsync(token);
                return parent is not null
                    ? throw new NcrException(NcrError.InUse, $"{digest} is part of the index {parent} in {image}. Delete that index first.", new { digest = digest.ToString(), artifact = parent })
                    : await RemoveAsync(db, actor, image, row, artifact, withParts, token);
            },
            cancellationToken);
        if (count > 0)
        {
            _events.Announce(new Change(EventTypes.ArtifactDeleted, image.Registry, image.ToString()));
        }

        return count;
    }

    private async Task<int> RemoveAsync(NcrDbContext db, Actor actor, ImageName name, Image image, Artifact first, bool withParts, CancellationToken cancellationToken)
    {
        db.Touch(image.Name);
        var queue = new Queue<Artifact>([first]);
        var seen = new HashSet<long> { first.Id };
        var count = 0;
        while (queue.TryDequeue(out var artifact))
        {
            var children = withParts
                ? await db.ArtifactChildren.Where(c => c.ParentId == artifact.Id).Select(c => c.Digest).ToListAsync(cancellationToken)
                : [];
            await ArtifactRemover.RemoveAsync(db, image, artifact, _clock.GetUtcNow().UtcDateTime, cancellationToken);
            _events.Add(db, actor, EventTypes.ArtifactDeleted, name.Registry, name.ToString(), digest: artifact.Digest);
            count++;
            if (!withParts)
            {
                continue;
            }

            var loose = await FindLooseAsync(db, image.Id, artifact, children, [], cancellationToken);
            foreach (var part in loose.Where(p => seen.Add(p.Id)))
            {
                queue.Enqueue(part);
            }
        }

        return count;
    }

    /// <summary>What serves nothing once an artifact is gone: children without a tag and another index, and what is about it.</summary>
    /// <param name="gone">Artifacts to look away from, should their rows still be there.</param>
    private static Task<List<Artifact>> FindLooseAsync(NcrDbContext db, long imageId, Artifact artifact, List<string> children, List<long> gone, CancellationToken cancellationToken) =>
        db.Artifacts.AsNoTracking()
            .Where(a => a.ImageId == imageId
                && (a.Subject == artifact.Digest
                    || (children.Contains(a.Digest) && !db.Artifacts.Any(s => s.ImageId == imageId && s.Digest == a.Subject && !gone.Contains(s.Id))))
                && !db.ArtifactChildren.Any(c => c.ImageId == imageId && c.Digest == a.Digest && !gone.Contains(c.ParentId))
                && !db.Tags.Any(t => t.ArtifactId == a.Id))
            .ToListAsync(cancellationToken);

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

    /// <summary>
    /// Rows with their first tags, in two queries: the tags of just these artifacts. In one, SQLite would number the tags of the whole
    /// table to find the first of each.
    /// </summary>
    private static async Task<List<ArtifactRow>> ReadRowsAsync(NcrDbContext db, IQueryable<Artifact> query, CancellationToken cancellationToken)
    {
        var rows = await query
            .Select(a => new
            {
                a.Id,
                Row = new ArtifactRow(a.Digest, a.Type, a.ArtifactTypeName, a.MediaType, a.Platforms, a.Size, a.PushedAt, a.PushedBy, a.PulledAt, a.PullCount, db.Tags.Count(t => t.ArtifactId == a.Id), Array.Empty<string>()),
            })
            .ToListAsync(cancellationToken);
        var tagged = rows.Where(r => r.Row.TagCount > 0).Select(r => r.Id).ToArray();
        var tags = await db.Tags.Where(t => tagged.Contains(t.ArtifactId)).GroupBy(t => t.ArtifactId)
            .Select(g => new { ArtifactId = g.Key, Names = g.OrderBy(t => t.Name).Take(ArtifactRow.MaxTags).Select(t => t.Name).ToList() })
            .ToDictionaryAsync(g => g.ArtifactId, g => g.Names, cancellationToken);
        return [.. rows.Select(r => tags.TryGetValue(r.Id, out var names) ? r.Row with { Tags = names } : r.Row)];
    }
}
