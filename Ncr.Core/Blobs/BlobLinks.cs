using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Images;

namespace Ncr.Core.Blobs;

/// <summary>The pieces of write transactions that make images and link blobs to them.</summary>
internal static class BlobLinks
{
    private static readonly Func<NcrDbContext, string, Task<long?>> RegistryIdQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string name) => db.Registries.Where(r => r.Name == name).Select(r => (long?)r.Id).FirstOrDefault());

    private static readonly Func<NcrDbContext, string, Task<long?>> ImageIdQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string name) => db.Images.Where(i => i.Name == name).Select(i => (long?)i.Id).FirstOrDefault());

    private static readonly Func<NcrDbContext, string, Task<long?>> BlobIdQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string digest) => db.Blobs.Where(b => b.Digest == digest).Select(b => (long?)b.Id).FirstOrDefault());

    private static readonly Func<NcrDbContext, long, long, Task<bool>> IsLinkedQuery =
        EF.CompileAsyncQuery((NcrDbContext db, long imageId, long blobId) => db.ImageBlobs.Any(l => l.ImageId == imageId && l.BlobId == blobId));

    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>.</exception>
    public static async Task<long> GetRegistryIdAsync(NcrDbContext db, string registry) =>
        await RegistryIdQuery(db, registry) ?? throw RegistryUnknown(registry);

    public static NcrException RegistryUnknown(string registry) => new(
        NcrError.RegistryUnknown,
        $"The registry '{registry}' does not exist. Create it in the console under Registries, or check the first part of the name.",
        new { registry });

    public static Task<long?> FindImageIdAsync(NcrDbContext db, ImageName image) => ImageIdQuery(db, image.ToString());

    public static Task<long?> FindBlobIdAsync(NcrDbContext db, Digest digest) => BlobIdQuery(db, digest.ToString());

    /// <summary>The image's id; a new image is saved at once, so that it has one.</summary>
    public static async Task<long> GetOrAddImageAsync(NcrDbContext db, ImageName image, DateTime now, CancellationToken cancellationToken)
    {
        if (await FindImageIdAsync(db, image) is { } id)
        {
            return id;
        }

        var added = new Image { RegistryId = await GetRegistryIdAsync(db, image.Registry), Name = image.ToString(), CreatedAt = now };
        db.Images.Add(added);
        await db.SaveChangesAsync(cancellationToken);
        return added.Id;
    }

    public static async Task LinkAsync(NcrDbContext db, long imageId, long blobId, DateTime now)
    {
        if (!await IsLinkedQuery(db, imageId, blobId))
        {
            db.ImageBlobs.Add(new ImageBlob { ImageId = imageId, BlobId = blobId, UsedAt = now });
        }
    }
}
