using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>Keeps up the bytes that images and registries need, so that no page has to add them up. Each blob counts once in an image and once in a registry.</summary>
internal static class Usage
{
    /// <summary>Before the artifact's rows are added.</summary>
    public static async Task AddAsync(NcrDbContext db, Image image, IReadOnlyList<ManifestContent.LinkedBlob> blobs, long manifestSize, CancellationToken cancellationToken)
    {
        var ids = blobs.Select(b => b.Id).ToArray();

        // Asked blob by blob, each a seek: the empty config of OCI artifacts may have a hundred thousand users.
        var users = await db.Blobs.Where(b => ids.Contains(b.Id))
            .Select(b => new
            {
                b.Id,
                InRegistry = db.ArtifactBlobs.Any(u => u.BlobId == b.Id && u.RegistryId == image.RegistryId),
                InImage = db.ArtifactBlobs.Any(u => u.BlobId == b.Id && u.RegistryId == image.RegistryId && u.ImageId == image.Id),
            })
            .ToListAsync(cancellationToken);
        var inRegistry = users.Where(u => u.InRegistry).Select(u => u.Id).ToHashSet();
        var inImage = users.Where(u => u.InImage).Select(u => u.Id).ToHashSet();
        image.Size += manifestSize + blobs.Where(b => !inImage.Contains(b.Id)).Sum(b => b.Size);
        await ChangeRegistryAsync(db, image.RegistryId, manifestSize + blobs.Where(b => !inRegistry.Contains(b.Id)).Sum(b => b.Size), cancellationToken);
    }

    /// <summary>Before the artifact's rows are removed.</summary>
    public static async Task RemoveAsync(NcrDbContext db, Image image, Artifact artifact, CancellationToken cancellationToken)
    {
        var mine = db.ArtifactBlobs.Where(b => b.ArtifactId == artifact.Id);
        var fromImage = await mine.Where(b => !db.ArtifactBlobs.Any(o => o.BlobId == b.BlobId && o.RegistryId == b.RegistryId && o.ImageId == b.ImageId && o.ArtifactId != b.ArtifactId))
            .Join(db.Blobs, b => b.BlobId, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        var fromRegistry = await mine.Where(b => !db.ArtifactBlobs.Any(o => o.BlobId == b.BlobId && o.RegistryId == b.RegistryId && o.ArtifactId != b.ArtifactId))
            .Join(db.Blobs, b => b.BlobId, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        image.Size -= artifact.ManifestSize + fromImage;
        await ChangeRegistryAsync(db, image.RegistryId, -(artifact.ManifestSize + fromRegistry), cancellationToken);
    }

    private static Task<int> ChangeRegistryAsync(NcrDbContext db, long registryId, long bytes, CancellationToken cancellationToken) =>
        db.Registries.Where(r => r.Id == registryId).ExecuteUpdateAsync(s => s.SetProperty(r => r.Size, r => r.Size + bytes), cancellationToken);
}
