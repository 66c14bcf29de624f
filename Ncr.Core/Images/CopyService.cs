using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;

namespace Ncr.Core.Images;

/// <summary>Copies and moves artifacts between images and registries. No bytes go anywhere: content is stored once, and the target gets links to it.</summary>
public sealed class CopyService
{
    /// <summary>Artifacts that go along at once, at most: children of an index, accessories.</summary>
    private const int MaxArtifacts = 1000;

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly ArtifactService _artifacts;
    private readonly TimeProvider _clock;

    internal CopyService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, EventLog events, ArtifactService artifacts, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _events = events;
        _artifacts = artifacts;
        _clock = clock;
    }

    /// <summary>Copies an artifact with its children and accessories into another image, which is made when it is new.</summary>
    /// <param name="actor">Who copies: needs to pull from the source and to push to the target.</param>
    /// <param name="source">The image that has it.</param>
    /// <param name="digest">The artifact.</param>
    /// <param name="target">Another image.</param>
    /// <param name="tags">Tags to point to it in the target; those that are there already must point to it, unless <paramref name="moveTags"/>.</param>
    /// <param name="moveTags">Whether tags of the target that point elsewhere are moved.</param>
    /// <param name="deleteSource">Whether the artifact then goes from the source, with its tags: a move. It can be restored there like any deletion.</param>
    /// <param name="cancellationToken">Ends the wait before anything was copied.</param>
    /// <returns>How many artifacts are in the target now that were not before.</returns>
    /// <exception cref="NcrException">
    /// <see cref="NcrError.ManifestUnknown"/>, <see cref="NcrError.RegistryUnknown"/>, <see cref="NcrError.TagInvalid"/>, <see cref="NcrError.Invalid"/>: source and target are the same;
    /// <see cref="NcrError.Conflict"/>: a tag points elsewhere; <see cref="NcrError.InUse"/>: it is to be moved and an index names it.
    /// </exception>
    public async Task<int> CopyAsync(
        Actor actor, ImageName source, Digest digest, ImageName target, IReadOnlyList<string> tags, bool moveTags, bool deleteSource, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PullImage, source.Registry, cancellationToken);
        await _access.RequireAsync(actor, Permission.PushImage, target.Registry, cancellationToken);
        if (deleteSource)
        {
            await _access.RequireAsync(actor, Permission.DeleteArtifact, source.Registry, cancellationToken);
        }

        if (source == target)
        {
            throw new NcrException(NcrError.Invalid, $"It is in {source} already. Choose another image.");
        }

        if (tags.FirstOrDefault(t => !TagName.IsValid(t)) is { } bad)
        {
            throw new NcrException(NcrError.TagInvalid, $"'{bad}' is no tag. {TagName.Rule}", new { tag = bad });
        }

        if (deleteSource)
        {
            await RequireNoIndexAsync(source, digest, cancellationToken);
        }

        var documents = await ReadAsync(source, digest, cancellationToken);
        var count = await _writes.RunAsync((db, token) => WriteAsync(db, actor, source, target, documents, tags, moveTags, token), cancellationToken);
        _events.Announce(new Change(EventTypes.ArtifactPushed, target.Registry, target.ToString()));
        if (deleteSource)
        {
            await _artifacts.DeleteAsync(actor, source, digest, withParts: true, CancellationToken.None);
        }

        return count;
    }

    private async Task<int> WriteAsync(
        NcrDbContext db, Actor actor, ImageName source, ImageName target, List<Item> items, IReadOnlyList<string> tags, bool moveTags, CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        var keys = await BlobLinks.GetOrAddImageAsync(db, target, now);
        var first = items[^1].Document.Digest.ToString();
        if (!moveTags
            && await db.Tags.Where(t => t.ImageId == keys.Id && tags.Contains(t.Name) && t.Artifact!.Digest != first).OrderBy(t => t.Name).Select(t => t.Name).FirstOrDefaultAsync(cancellationToken) is { } taken)
        {
            throw new NcrException(NcrError.Conflict, $"The tag '{taken}' is in {target} already and points to another artifact. Leave it out, or let it be moved.");
        }

        var before = await db.Artifacts.CountAsync(a => a.ImageId == keys.Id, cancellationToken);
        foreach (var item in items)
        {
            // Whoever deleted the source meanwhile has not taken its content: the links come from what the artifact still needs.
            await db.Sql.ExecuteAsync(
                """
                INSERT INTO "ImageBlobs" ("ImageId", "BlobId", "UsedAt") SELECT @0, "BlobId", @1 FROM "ArtifactBlobs" WHERE "ArtifactId" = @2
                ON CONFLICT ("ImageId", "BlobId") DO UPDATE SET "UsedAt" = excluded."UsedAt"
                """,
                keys.Id,
                now,
                item.ArtifactId);
            var isAsked = item == items[^1];
            List<string> itemTags = isAsked ? [.. tags.Distinct()] : item.AccessoryTags;
            await new PushWriter(db, actor, now).StoreAsync(target, item.Document, itemTags, allowMissingChildren: true);
            foreach (var tag in itemTags.DefaultIfEmpty())
            {
                await _events.AddAsync(db, actor, EventTypes.ArtifactPushed, target.Registry, target.ToString(), tag, item.Document.Digest.ToString(), $"copied from {source}");
            }
        }

        return await db.Artifacts.CountAsync(a => a.ImageId == keys.Id, cancellationToken) - before;
    }

    /// <summary>The artifact and what goes along, children first and itself last.</summary>
    private async Task<List<Item>> ReadAsync(ImageName source, Digest digest, CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var imageId = await BlobLinks.FindImageIdAsync(db, source);
        var first = await db.Artifacts.FirstOrDefaultAsync(a => a.ImageId == imageId && a.Digest == digest.ToString(), cancellationToken)
            ?? throw new NcrException(NcrError.ManifestUnknown, $"The image {source} has no artifact {digest}.");
        var found = new List<Artifact> { first };
        for (var i = 0; i < found.Count; i++)
        {
            var artifact = found[i];
            var parts = await db.Artifacts.Where(a => a.ImageId == imageId
                    && (a.AccessoryOf == artifact.Digest || db.ArtifactChildren.Any(c => c.ParentId == artifact.Id && c.Digest == a.Digest)))
                .OrderBy(a => a.Id).Take(MaxArtifacts + 1).ToListAsync(cancellationToken);
            found.AddRange(parts.Where(p => found.TrueForAll(f => f.Id != p.Id)));
            if (found.Count > MaxArtifacts)
            {
                throw new NcrException(NcrError.TooLarge, $"{digest} has more than {MaxArtifacts} children and accessories; so many can't be copied at once.");
            }
        }

        found.Reverse();
        var items = new List<Item>();
        foreach (var artifact in found)
        {
            var payload = await db.Manifests.Where(m => m.Digest == artifact.Digest).Select(m => m.Payload).FirstOrDefaultAsync(cancellationToken)
                ?? throw new NcrException(NcrError.ManifestUnknown, $"The manifest {artifact.Digest} is not there any more.");
            var labels = await db.ArtifactLabels.Where(l => l.ArtifactId == artifact.Id).Select(l => new KeyValuePair<string, string>(l.Name, l.Value)).ToListAsync(cancellationToken);
            var accessoryTags = await db.Tags.Where(t => t.ArtifactId == artifact.Id && t.Name.StartsWith(AccessoryTag.Start)).Select(t => t.Name).ToListAsync(cancellationToken);
            items.Add(new Item(
                artifact.Id,
                new PushedDocument(Digest.Parse(artifact.Digest), ManifestDocument.Parse(payload, artifact.MediaType), payload, artifact.Platforms, labels),
                accessoryTags.FindAll(t => AccessoryTag.TryParse(t, out _))));
        }

        return items;
    }

    private async Task RequireNoIndexAsync(ImageName source, Digest digest, CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var imageId = await BlobLinks.FindImageIdAsync(db, source);
        if (await db.ArtifactChildren.Where(c => c.ImageId == imageId && c.Digest == digest.ToString()).Select(c => c.Parent!.Digest).FirstOrDefaultAsync(cancellationToken) is { } parent)
        {
            throw new NcrException(NcrError.InUse, $"{digest} is part of the index {parent} in {source} and can't leave it. Copy it, or move that index.");
        }
    }

    /// <param name="AccessoryTags">Tags that say what it belongs to, which go along.</param>
    private sealed record Item(long ArtifactId, PushedDocument Document, List<string> AccessoryTags);
}
