using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Images;

namespace Ncr.Core.Blobs;

/// <summary>Blobs as an image sees them: only what is linked to it is there (rule C3).</summary>
public sealed class BlobService
{
    private static readonly Func<NcrDbContext, string, string, Task<FoundBlob?>> FindQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string image, string digest) =>
            (from i in db.Images
             where i.Name == image
             join link in db.ImageBlobs on i.Id equals link.ImageId
             join blob in db.Blobs on link.BlobId equals blob.Id
             where blob.Digest == digest && blob.DamagedAt == null
             select new FoundBlob(blob.Id, i.Id, blob.Size, blob.Location)).FirstOrDefault());

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly ReadCache _cache;
    private readonly WriteGate _writes;
    private readonly IBlobStore _store;
    private readonly AccessService _access;
    private readonly DamageRecorder _damage;
    private readonly BlobUses _uses;
    private readonly TimeProvider _clock;

    internal BlobService(IDbContextFactory<NcrDbContext> dbFactory, ReadCache cache, WriteGate writes, IBlobStore store, AccessService access, DamageRecorder damage, BlobUses uses, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _cache = cache;
        _writes = writes;
        _store = store;
        _access = access;
        _damage = damage;
        _uses = uses;
        _clock = clock;
    }

    /// <summary>The blob, or null when it is not linked to this image.</summary>
    public async Task<BlobRef?> FindAsync(Actor actor, ImageName image, Digest digest, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PullImage, image.Registry, cancellationToken);
        return await FindAsync(image, digest, cancellationToken);
    }

    /// <summary>As the look-up for a pull, for a push that will not upload what is there: from now on it stays for the grace time (rule C4).</summary>
    public async Task<BlobRef?> FindForPushAsync(Actor actor, ImageName image, Digest digest, CancellationToken cancellationToken)
    {
        await _access.RequireLookAsync(actor, image.Registry, cancellationToken);
        var version = _uses.Version;
        var blob = await FindAsync(image, digest, cancellationToken);
        return blob is null || await _uses.AddAsync(blob.ImageId, blob.BlobId, version) ? blob : await FindAsync(image, digest, cancellationToken);
    }

    /// <summary>Opens a blob's content.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.BlobUnknown"/>: the content is missing or damaged on disk; it is never served in part.</exception>
    public async Task<IBlobContent> OpenAsync(BlobRef blob, CancellationToken cancellationToken)
    {
        var content = await _store.OpenAsync(blob.Location, cancellationToken);
        if (content?.Length == blob.Size)
        {
            return content;
        }

        var report = ContentReport.OfLength(content?.Length, blob.Size);
        if (content is not null)
        {
            await content.DisposeAsync();
        }

        // From now on it counts as absent, so that the next push brings it again. A client that hangs up must not keep that from being noted.
        await _damage.MarkAsync(blob.BlobId, blob.Digest, blob.Location, report, CancellationToken.None);
        throw Damaged(blob.Digest);
    }

    /// <summary>Explains a blob that was not found: it may be damaged.</summary>
    public async Task<NcrException?> ExplainMissingAsync(ImageName image, Digest digest, CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.ImageBlobs.AnyAsync(l => l.Blob!.Digest == digest.ToString() && l.Blob.DamagedAt != null && db.Images.Any(i => i.Id == l.ImageId && i.Name == image.ToString()), cancellationToken)
            ? Damaged(digest)
            : null;
    }

    /// <summary>Takes a blob from an image.</summary>
    /// <returns>False when the image has no such blob.</returns>
    /// <exception cref="NcrException"><see cref="NcrError.InUse"/>: an artifact of the image needs it.</exception>
    public async Task<bool> DeleteAsync(Actor actor, ImageName image, Digest digest, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.DeleteArtifact, image.Registry, cancellationToken);
        return await _writes.RunAsync(
            async (db, token) =>
            {
                var imageId = await BlobLinks.FindImageIdAsync(db, image);
                var blobId = await BlobLinks.FindBlobIdAsync(db, digest);
                if (imageId is null || blobId is null)
                {
                    return false;
                }

                db.Touch(image.ToString());
                var registryId = await BlobLinks.GetRegistryIdAsync(db, image.Registry); // The index goes by blob, registry and image.
                await CollectionQueue.AddBlobAsync(db, blobId.Value, _clock.GetUtcNow().UtcDateTime);
                var user = await db.ArtifactBlobs.Where(b => b.BlobId == blobId && b.RegistryId == registryId && b.ImageId == imageId)
                    .Join(db.Artifacts, b => b.ArtifactId, a => a.Id, (b, a) => a.Digest)
                    .FirstOrDefaultAsync(token);
                return user is not null
                    ? throw new NcrException(NcrError.InUse, $"{digest} is needed by the artifact {user} in {image}. Delete that artifact first.", new { digest = digest.ToString(), artifact = user })
                    : await db.ImageBlobs.Where(l => l.ImageId == imageId && l.BlobId == blobId).ExecuteDeleteAsync(token) > 0;
            },
            cancellationToken);
    }

    /// <summary>Links a blob of another image into this one without moving a byte.</summary>
    /// <param name="from">The image to take it from; null for any image that the actor may pull and that holds it.</param>
    /// <returns>False when there is nothing to mount from, or the actor may not pull there: then the blob has to be uploaded.</returns>
    public async Task<bool> MountAsync(Actor actor, ImageName image, Digest digest, ImageName? from, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        if (!await CanReadSomewhereAsync(actor, digest, from, cancellationToken))
        {
            return false;
        }

        return await _writes.RunAsync(
            async (db, token) =>
            {
                if (await BlobLinks.FindBlobIdAsync(db, digest) is not { } blobId)
                {
                    return false;
                }

                var now = _clock.GetUtcNow().UtcDateTime;
                var keys = await BlobLinks.GetOrAddImageAsync(db, image, now);
                await BlobLinks.LinkAsync(db, keys.Id, blobId, now);
                return true;
            },
            cancellationToken);
    }

    private async ValueTask<BlobRef?> FindAsync(ImageName image, Digest digest, CancellationToken cancellationToken)
    {
        var (name, text) = (image.ToString(), digest.ToString());
        if (_cache.TryGet<BlobRef>(name, 'b', text, out var known))
        {
            return known;
        }

        var stamp = _cache.StampOf(name);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        if (await FindQuery(db, name, text) is not { } found)
        {
            return null;
        }

        var blob = new BlobRef(digest, found.Size) { BlobId = found.BlobId, ImageId = found.ImageId, Location = found.Location };
        _cache.Set(name, 'b', text, blob, 0, stamp);
        return blob;
    }

    private async Task<bool> CanReadSomewhereAsync(Actor actor, Digest digest, ImageName? from, CancellationToken cancellationToken)
    {
        if (from is { } source)
        {
            if (!await _access.IsAllowedAsync(actor, Permission.PullImage, source.Registry, cancellationToken))
            {
                return false;
            }

            var version = _uses.Version;
            if (await FindAsync(source, digest, cancellationToken) is not { } blob)
            {
                return false;
            }

            await _uses.AddAsync(blob.ImageId, blob.BlobId, version); // Should it be collected just now, the mount does not find it.
            return true;
        }

        List<string> registries;
        await using (var db = await _dbFactory.CreateDbContextAsync(cancellationToken))
        {
            registries = await (from blob in db.Blobs
                                where blob.Digest == digest.ToString()
                                join link in db.ImageBlobs on blob.Id equals link.BlobId
                                join image in db.Images on link.ImageId equals image.Id
                                where image.DeletionId == null
                                join registry in db.Registries on image.RegistryId equals registry.Id
                                select registry.Name).Distinct().ToListAsync(cancellationToken);
        }

        foreach (var registry in registries)
        {
            if (await _access.IsAllowedAsync(actor, Permission.PullImage, registry, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private static NcrException Damaged(Digest digest) => new(
        NcrError.BlobUnknown,
        $"The content of {digest} is missing or damaged on the server. Push it again, or tell the server's administrator, who may restore it from a backup.",
        new { digest = digest.ToString() });

    private sealed record FoundBlob(long BlobId, long ImageId, long Size, string Location);
}
