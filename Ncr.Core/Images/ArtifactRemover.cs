using Microsoft.EntityFrameworkCore;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>The pieces of write transactions that remove artifacts and keep the figures true.</summary>
internal static class ArtifactRemover
{
    public static async Task RemoveAsync(NcrDbContext db, Image image, Artifact artifact, DateTime now, CancellationToken cancellationToken)
    {
        await Usage.RemoveAsync(db, image, artifact, cancellationToken);
        await CollectionQueue.AddForArtifactAsync(db, artifact.Id, now);
        image.TagCount -= await db.Tags.Where(t => t.ArtifactId == artifact.Id).ExecuteDeleteAsync(cancellationToken);
        image.ArtifactCount--;
        await db.Artifacts.Where(a => a.Id == artifact.Id).ExecuteDeleteAsync(cancellationToken);
        await db.Manifests.Where(m => m.Digest == artifact.Digest && !db.Artifacts.Any(a => a.Digest == m.Digest)).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>All artifacts of an image at once.</summary>
    public static async Task RemoveAllAsync(NcrDbContext db, Image image, CancellationToken cancellationToken)
    {
        var artifacts = db.Artifacts.Where(a => a.ImageId == image.Id);
        var mine = artifacts.Join(db.ArtifactBlobs, a => a.Id, b => b.ArtifactId, (_, b) => b);
        var blobs = await mine.Where(b => !db.ArtifactBlobs.Any(o => o.BlobId == b.BlobId && o.RegistryId == b.RegistryId && o.ImageId != b.ImageId))
            .Select(b => b.BlobId).Distinct().Join(db.Blobs, id => id, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        var manifests = await artifacts.SumAsync(a => (long)a.ManifestSize, cancellationToken);
        await db.Registries.Where(r => r.Id == image.RegistryId).ExecuteUpdateAsync(s => s.SetProperty(r => r.Size, r => r.Size - blobs - manifests), cancellationToken);
        await db.Tags.Where(t => t.ImageId == image.Id).ExecuteDeleteAsync(cancellationToken);
        await db.Manifests.Where(m => artifacts.Select(a => a.Digest).Contains(m.Digest) && !db.Artifacts.Any(a => a.Digest == m.Digest && a.ImageId != image.Id))
            .ExecuteDeleteAsync(cancellationToken);
        await artifacts.ExecuteDeleteAsync(cancellationToken);
        image.ArtifactCount = 0;
        image.TagCount = 0;
        image.Size = 0;
    }
}
