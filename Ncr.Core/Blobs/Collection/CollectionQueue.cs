using Ncr.Core.Data;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// The pieces of write transactions that queue what may have become garbage. The rule they keep: a link that no artifact of its image
/// needs has a candidate, and so has a blob without a link. A candidate too many costs one look; one too few is never collected.
/// </summary>
/// <remarks>The SQL is standard enough for SQLite and PostgreSQL.</remarks>
internal static class CollectionQueue
{
    /// <summary>A blob was linked to an image, and no artifact names it yet.</summary>
    public static Task AddLinkAsync(NcrDbContext db, long blobId, long imageId, DateTime now) =>
        db.Sql.ExecuteAsync(
            """
            INSERT INTO "BlobCandidates" ("BlobId", "ImageId", "QueuedAt") VALUES (@0, @1, @2)
            ON CONFLICT ("BlobId", "ImageId") DO UPDATE SET "QueuedAt" = excluded."QueuedAt"
            """,
            blobId,
            imageId,
            now);

    /// <summary>A link of the blob went.</summary>
    public static Task AddBlobAsync(NcrDbContext db, long blobId, DateTime now) => AddLinkAsync(db, blobId, imageId: 0, now);

    /// <summary>An artifact is about to be removed: before its rows go.</summary>
    public static Task AddForArtifactAsync(NcrDbContext db, long artifactId, DateTime now) =>
        db.Sql.ExecuteAsync(
            """
            INSERT INTO "BlobCandidates" ("BlobId", "ImageId", "QueuedAt")
            SELECT "BlobId", "ImageId", @0 FROM "ArtifactBlobs" WHERE "ArtifactId" = @1
            ON CONFLICT ("BlobId", "ImageId") DO UPDATE SET "QueuedAt" = excluded."QueuedAt"
            """,
            now,
            artifactId);

    /// <summary>An image is about to be deleted with all its links: before they go.</summary>
    public static Task AddForImageAsync(NcrDbContext db, long imageId, DateTime now) =>
        db.Sql.ExecuteAsync(
            """
            INSERT INTO "BlobCandidates" ("BlobId", "ImageId", "QueuedAt")
            SELECT "BlobId", 0, @0 FROM "ImageBlobs" WHERE "ImageId" = @1
            ON CONFLICT ("BlobId", "ImageId") DO UPDATE SET "QueuedAt" = excluded."QueuedAt"
            """,
            now,
            imageId);

    /// <summary>All images of a registry are about to be deleted: before their links go.</summary>
    public static Task AddForRegistryAsync(NcrDbContext db, long registryId, DateTime now) =>
        db.Sql.ExecuteAsync(
            """
            INSERT INTO "BlobCandidates" ("BlobId", "ImageId", "QueuedAt")
            SELECT DISTINCT l."BlobId", 0, @0 FROM "Images" i JOIN "ImageBlobs" l ON l."ImageId" = i."Id" WHERE i."RegistryId" = @1
            ON CONFLICT ("BlobId", "ImageId") DO UPDATE SET "QueuedAt" = excluded."QueuedAt"
            """,
            now,
            registryId);

    /// <summary>A blob is about to get other content: before its row is changed.</summary>
    public static Task DiscardContentAsync(NcrDbContext db, long blobId, DateTime now) =>
        db.Sql.ExecuteAsync("""INSERT INTO "DiscardedContent" ("Location", "Size", "DiscardedAt") SELECT "Location", "Size", @0 FROM "Blobs" WHERE "Id" = @1""", now, blobId);

    /// <summary>Content that no row names any more, to be taken off the storage a moment later.</summary>
    public static void Discard(NcrDbContext db, string location, long size, DateTime now) =>
        db.DiscardedContent.Add(new DiscardedContent { Location = location, Size = size, DiscardedAt = now });
}
