using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>Keeps up the bytes that images and registries need, so that no page has to add them up. Each blob counts once in an image and once in a registry.</summary>
internal static class Usage
{
    /// <summary>Bytes that the registry has for the image alone: those of its manifests, and of blobs that no other image of the registry needs.</summary>
    public static async Task<long> OfImageAloneAsync(NcrDbContext db, Image image, CancellationToken cancellationToken)
    {
        var artifacts = db.Artifacts.Where(a => a.ImageId == image.Id);
        var blobs = await artifacts.Join(db.ArtifactBlobs, a => a.Id, b => b.ArtifactId, (_, b) => b.BlobId).EachOnce()
            .Where(id => !db.ArtifactBlobs.Any(o => o.BlobId == id && o.RegistryId == image.RegistryId && o.ImageId != image.Id))
            .Join(db.Blobs, id => id, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        return blobs + await artifacts.SumAsync(a => (long)a.ManifestSize, cancellationToken);
    }

    /// <summary>Before the artifact's rows are put away.</summary>
    public static async Task RemoveAsync(NcrDbContext db, Image image, Artifact artifact, CancellationToken cancellationToken)
    {
        var mine = db.ArtifactBlobs.Where(b => b.ArtifactId == artifact.Id);
        var fromImage = await mine.Where(b => !db.ArtifactBlobs.Any(o => o.BlobId == b.BlobId && o.RegistryId == b.RegistryId && o.ImageId == b.ImageId && o.ArtifactId != b.ArtifactId))
            .Join(db.Blobs, b => b.BlobId, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        var fromRegistry = await mine.Where(b => !db.ArtifactBlobs.Any(o => o.BlobId == b.BlobId && o.RegistryId == b.RegistryId && o.ArtifactId != b.ArtifactId))
            .Join(db.Blobs, b => b.BlobId, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        image.Size -= artifact.ManifestSize + fromImage;
        var bytes = artifact.ManifestSize + fromRegistry;
        await db.Registries.Where(r => r.Id == image.RegistryId).ExecuteUpdateAsync(s => s.SetProperty(r => r.Size, r => r.Size - bytes), cancellationToken);
    }
}
