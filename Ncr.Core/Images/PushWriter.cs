using System.Text.Json;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Figures;

namespace Ncr.Core.Images;

/// <summary>The piece of a write transaction that stores a manifest, keeping the figures of its image and registry true.</summary>
internal sealed class PushWriter(NcrDbContext db, Actor actor, DateTime now)
{
    private long _size;
    private int _artifacts;
    private int _tags;
    private bool _isChanged;

    /// <exception cref="NcrException">As for <see cref="PushService.PushAsync"/>.</exception>
    public async Task StoreAsync(ImageName name, PushedDocument pushed, IReadOnlyList<string> tags, bool allowMissingChildren)
    {
        var image = await BlobLinks.GetOrAddImageAsync(db, name, now);
        var artifact = await db.Sql.FirstAsync(
            """SELECT "Id", "MediaType" FROM "Artifacts" WHERE "ImageId" = @0 AND "Digest" = @1""",
            row => new { Id = row.GetInt64(0), MediaType = row.GetString(1) },
            image.Id,
            pushed.Digest.ToString());
        var artifactId = artifact?.Id ?? await AddAsync(image, pushed, allowMissingChildren);
        if (artifact is not null && await RepairAsync(pushed))
        {
            db.TouchAll();
        }

        if (artifact is not null && artifact.MediaType != pushed.Document.MediaType)
        {
            // The bytes name no type, and this push says another.
            await db.Sql.ExecuteAsync("""UPDATE "Artifacts" SET "MediaType" = @1 WHERE "Id" = @0""", artifactId, pushed.Document.MediaType);
            _isChanged = true;
        }

        foreach (var tag in tags)
        {
            await PointAsync(image.Id, artifactId, tag);
            if (AccessoryTag.TryParse(tag, out var subject))
            {
                await db.Sql.ExecuteAsync("""UPDATE "Artifacts" SET "AccessoryOf" = @1 WHERE "Id" = @0 AND "AccessoryOf" IS NULL""", artifactId, subject.ToString());
            }
        }

        await DailyFigures.AddPushAsync(db, image.RegistryId, now);

        if (image.IsHidden || _isChanged)
        {
            await db.Sql.ExecuteAsync(
                """
                UPDATE "Images" SET "Size" = "Size" + @1, "ArtifactCount" = "ArtifactCount" + @2, "TagCount" = "TagCount" + @3, "PushedAt" = @4 WHERE "Id" = @0
                """,
                image.Id,
                _size,
                _artifacts,
                _tags,
                now); // A push that changes nothing leaves the times as they are.
            db.Touch(image.Name);
        }
    }

    /// <summary>Points a tag of an image to an artifact. One that points there already is left as it is, with its time.</summary>
    public static async Task PointAsync(NcrDbContext db, ImageKeys image, long artifactId, string tag, Actor actor, DateTime now)
    {
        var writer = new PushWriter(db, actor, now);
        await writer.PointAsync(image.Id, artifactId, tag);
        await db.Sql.ExecuteAsync("""UPDATE "Images" SET "TagCount" = "TagCount" + @1 WHERE "Id" = @0""", image.Id, writer._tags);
        db.Touch(image.Name);
    }

    /// <summary>Bytes that the database holds wrongly are put right by pushing them again, as content is.</summary>
    private async Task<bool> RepairAsync(PushedDocument pushed) =>
        await db.Sql.ExecuteAsync("""UPDATE "Manifests" SET "Payload" = @1 WHERE "Digest" = @0 AND "Payload" <> @1""", pushed.Digest.ToString(), pushed.Payload) > 0;

    private async Task PointAsync(long imageId, long artifactId, string tag)
    {
        var known = await db.Sql.FirstAsync(
            """SELECT "Id", "ArtifactId" FROM "Tags" WHERE "ImageId" = @0 AND "Name" = @1""",
            row => new { Id = row.GetInt64(0), ArtifactId = row.GetInt64(1) },
            imageId,
            tag);
        if (known is null)
        {
            await db.Sql.ExecuteAsync(
                """INSERT INTO "Tags" ("ImageId", "Name", "ArtifactId", "PushedAt", "PushedBy") VALUES (@0, @1, @2, @3, @4)""",
                imageId,
                tag,
                artifactId,
                now,
                actor.Name);
            _tags++;
            _isChanged = true;
        }
        else if (known.ArtifactId != artifactId)
        {
            await db.Sql.ExecuteAsync("""UPDATE "Tags" SET "ArtifactId" = @1, "PushedAt" = @2, "PushedBy" = @3 WHERE "Id" = @0""", known.Id, artifactId, now, actor.Name);
            _isChanged = true;
        }
    }

    private async Task<long> AddAsync(ImageKeys image, PushedDocument pushed, bool allowMissingChildren)
    {
        var (document, digest) = (pushed.Document, pushed.Digest.ToString());
        var content = await ManifestContent.ResolveAsync(db, image, document, allowMissingChildren);
        await db.Sql.ExecuteAsync("""INSERT INTO "Manifests" ("Digest", "Payload") VALUES (@0, @1) ON CONFLICT ("Digest") DO NOTHING""", digest, pushed.Payload);
        var id = await db.Sql.ScalarAsync<long>(
            """
            INSERT INTO "Artifacts" ("ImageId", "Digest", "MediaType", "Type", "ArtifactTypeName", "Platforms", "ManifestSize", "Size", "Subject", "AccessoryOf", "Annotations", "PushedAt", "PushedBy", "PullCount")
            VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8, @8, @9, @10, @11, 0) RETURNING "Id"
            """,
            image.Id,
            digest,
            document.MediaType,
            ArtifactTypes.Recognise(document).ToString(),
            document.EffectiveArtifactType,
            pushed.Platforms,
            pushed.Payload.Length,
            pushed.Payload.Length + content.BlobSize + content.ChildrenSize,
            document.Subject?.Digest.ToString(),
            document.Annotations.Count == 0 ? null : JsonSerializer.Serialize(document.Annotations),
            now,
            actor.Name);
        foreach (var blob in content.Blobs)
        {
            await db.Sql.ExecuteAsync(
                """INSERT INTO "ArtifactBlobs" ("ArtifactId", "BlobId", "ImageId", "RegistryId") VALUES (@0, @1, @2, @3)""", id, blob.Id, image.Id, image.RegistryId);
        }

        foreach (var (name, value) in pushed.Labels)
        {
            await db.Sql.ExecuteAsync("""INSERT INTO "ArtifactLabels" ("ArtifactId", "Name", "Value") VALUES (@0, @1, @2)""", id, name, value);
        }

        foreach (var child in content.Children)
        {
            await db.Sql.ExecuteAsync("""INSERT INTO "ArtifactChildren" ("ParentId", "ImageId", "Digest") VALUES (@0, @1, @2)""", id, image.Id, child);
        }

        await db.Sql.ExecuteAsync(
            """UPDATE "Registries" SET "Size" = "Size" + @1, "ImageCount" = "ImageCount" + @2 WHERE "Id" = @0""",
            image.RegistryId,
            pushed.Payload.Length + content.Blobs.Where(b => !b.IsInRegistry).Sum(b => b.Size),
            image.IsHidden ? 1 : 0);
        _size = pushed.Payload.Length + content.Blobs.Where(b => !b.IsInImage).Sum(b => b.Size);
        _artifacts = 1;
        _isChanged = true;
        return id!.Value;
    }
}
