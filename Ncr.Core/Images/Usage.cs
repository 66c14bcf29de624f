using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>Keeps up the bytes that images and registries need, so that no page has to add them up. Each blob counts once in an image and once in a registry.</summary>
internal static class Usage
{
    /// <summary>Before the artifact's rows are removed.</summary>
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
