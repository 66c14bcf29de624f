using Microsoft.EntityFrameworkCore;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Images;

namespace Ncr.Core.Blobs;

/// <summary>The pieces of write transactions that make images and link blobs to them, and look-ups that they share with reads.</summary>
internal static class BlobLinks
{
    private static readonly Func<NcrDbContext, string, Task<long?>> RegistryIdQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string name) => db.Registries.Where(r => r.Name == name).Select(r => (long?)r.Id).FirstOrDefault());

    private static readonly Func<NcrDbContext, string, Task<long?>> ImageIdQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string name) => db.Images.Where(i => i.Name == name).Select(i => (long?)i.Id).FirstOrDefault());

    private static readonly Func<NcrDbContext, string, Task<long?>> BlobIdQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string digest) => db.Blobs.Where(b => b.Digest == digest && b.DamagedAt == null).Select(b => (long?)b.Id).FirstOrDefault());

    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>.</exception>
    public static async Task<long> GetRegistryIdAsync(NcrDbContext db, string registry) =>
        await RegistryIdQuery(db, registry) ?? throw RegistryUnknown(registry);

    public static NcrException RegistryUnknown(string registry) => new(
        NcrError.RegistryUnknown,
        $"The registry '{registry}' does not exist. Create it in the console under Registries, or check the first part of the name.",
        new { registry });

    public static Task<long?> FindImageIdAsync(NcrDbContext db, ImageName image) => ImageIdQuery(db, image.ToString());

    /// <summary>Null also when its content is damaged: then it has to come again.</summary>
    public static Task<long?> FindBlobIdAsync(NcrDbContext db, Digest digest) => BlobIdQuery(db, digest.ToString());

    /// <summary>The image's row, made when it is new. Only within the write gate.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>.</exception>
    public static async Task<ImageKeys> GetOrAddImageAsync(NcrDbContext db, ImageName image, DateTime now)
    {
        var name = image.ToString();
        var found = await db.Sql.FirstAsync(
            """SELECT "Id", "RegistryId", "PushedAt" IS NULL FROM "Images" WHERE "Name" = @0""",
            row => new ImageKeys(row.GetInt64(0), row.GetInt64(1), name, row.GetBoolean(2)),
            name);
        if (found is not null)
        {
            return found;
        }

        var registryId = await db.Sql.ScalarAsync<long>("""SELECT "Id" FROM "Registries" WHERE "Name" = @0""", image.Registry) ?? throw RegistryUnknown(image.Registry);
        var id = await db.Sql.ScalarAsync<long>(
            """
            INSERT INTO "Images" ("RegistryId", "Name", "CreatedAt", "PullCount", "ArtifactCount", "TagCount", "Size") VALUES (@0, @1, @2, 0, 0, 0, 0) RETURNING "Id"
            """,
            registryId,
            name,
            now);
        return new ImageKeys(id!.Value, registryId, name, true);
    }

    /// <summary>Lets the image's readers have the blob; a link that is there already counts as used now. No artifact may need it yet, so it is queued.</summary>
    public static async Task LinkAsync(NcrDbContext db, long imageId, long blobId, DateTime now)
    {
        await db.Sql.ExecuteAsync(
            """
            INSERT INTO "ImageBlobs" ("ImageId", "BlobId", "UsedAt") VALUES (@0, @1, @2)
            ON CONFLICT ("ImageId", "BlobId") DO UPDATE SET "UsedAt" = excluded."UsedAt"
            """,
            imageId,
            blobId,
            now);
        await CollectionQueue.AddLinkAsync(db, blobId, imageId, now);
    }
}
