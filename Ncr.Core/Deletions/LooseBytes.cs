using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Images;

namespace Ncr.Core.Deletions;

/// <summary>How many bytes a deletion really frees: those of manifests and blobs that nothing else needs, wherever it is.</summary>
internal static class LooseBytes
{
    public static async Task<long> OfArtifactsAsync(NcrDbContext db, IReadOnlyCollection<long> artifactIds, CancellationToken cancellationToken)
    {
        var blobs = await db.ArtifactBlobs.Where(b => artifactIds.Contains(b.ArtifactId)).Select(b => b.BlobId).EachOnce()
            .Where(id => !db.ArtifactBlobs.Any(o => o.BlobId == id && !artifactIds.Contains(o.ArtifactId)))
            .Join(db.Blobs, id => id, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        var manifests = await db.Artifacts.Where(a => artifactIds.Contains(a.Id) && !db.Artifacts.Any(o => o.Digest == a.Digest && !artifactIds.Contains(o.Id)))
            .SumAsync(a => (long)a.ManifestSize, cancellationToken);
        return blobs + manifests;
    }

    public static Task<long> OfImageAsync(NcrDbContext db, long imageId, CancellationToken cancellationToken) => OfImagesAsync(db, [imageId], cancellationToken);

    public static async Task<long> OfImagesAsync(NcrDbContext db, IReadOnlyCollection<long> imageIds, CancellationToken cancellationToken)
    {
        var artifacts = db.Artifacts.Where(a => imageIds.Contains(a.ImageId));
        var blobs = await artifacts.Join(db.ArtifactBlobs, a => a.Id, b => b.ArtifactId, (_, b) => b.BlobId).EachOnce()
            .Where(id => !db.ArtifactBlobs.Any(o => o.BlobId == id && !imageIds.Contains(o.ImageId)))
            .Join(db.Blobs, id => id, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        return blobs + await ManifestsAsync(db, artifacts, db.Artifacts.Where(o => !imageIds.Contains(o.ImageId)), cancellationToken);
    }

    public static async Task<long> OfRegistryAsync(NcrDbContext db, long registryId, CancellationToken cancellationToken)
    {
        var artifacts = db.Artifacts.Where(a => a.Image!.RegistryId == registryId && a.Image.DeletionId == null);
        var blobs = await db.Images.Where(i => i.RegistryId == registryId && i.DeletionId == null)
            .Join(db.Artifacts, i => i.Id, a => a.ImageId, (_, a) => a.Id).Join(db.ArtifactBlobs, id => id, b => b.ArtifactId, (_, b) => b.BlobId).EachOnce()
            .Where(id => !db.ArtifactBlobs.Any(o => o.BlobId == id && o.RegistryId != registryId))
            .Join(db.Blobs, id => id, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        return blobs + await ManifestsAsync(db, artifacts, db.Artifacts.Where(o => o.Image!.RegistryId != registryId || o.Image.DeletionId != null), cancellationToken);
    }

    private static Task<long> ManifestsAsync(NcrDbContext db, IQueryable<Artifact> artifacts, IQueryable<Artifact> others, CancellationToken cancellationToken) =>
        artifacts.Where(a => !others.Any(o => o.Digest == a.Digest)).Select(a => new { a.Digest, a.ManifestSize }).Distinct().SumAsync(a => (long)a.ManifestSize, cancellationToken);
}
