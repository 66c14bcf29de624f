using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Images;

namespace Ncr.Core.Deletions;

/// <summary>The pieces of write transactions that bring back what <see cref="PutAway"/> put away. What has been pushed since then is never replaced.</summary>
internal sealed class Restorer(EventLog events, TimeProvider clock)
{
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: something else has to come back or go first.</exception>
    public async Task<RestoreResult> RestoreAsync(NcrDbContext db, Actor actor, Deletion deletion, CancellationToken cancellationToken)
    {
        var result = deletion.Kind switch
        {
            DeletionKind.Registry => await RestoreRegistryAsync(db, actor, deletion, cancellationToken),
            DeletionKind.Image => await RestoreImageAsync(db, actor, deletion, cancellationToken),
            DeletionKind.Artifact => await RestoreArtifactsAsync(db, actor, deletion, cancellationToken),
            _ => await RestoreTagAsync(db, actor, deletion, cancellationToken),
        };
        await db.Deletions.Where(d => d.Id == deletion.Id).ExecuteDeleteAsync(cancellationToken);
        return result;
    }

    private async Task<RestoreResult> RestoreRegistryAsync(NcrDbContext db, Actor actor, Deletion deletion, CancellationToken cancellationToken)
    {
        if (await db.Registries.AnyAsync(r => r.Name == deletion.Registry, cancellationToken))
        {
            throw new NcrException(NcrError.Conflict, $"There is a registry '{deletion.Registry}' again. Delete that one first; both can't have the name.");
        }

        db.TouchAll();
        await db.Sql.ExecuteAsync(
            """UPDATE "Images" SET "Name" = substr("Name", @1), "DeletionId" = NULL WHERE "DeletionId" = @0""", deletion.Id, PutAway.NameOf(deletion, "").Length + 1);
        await db.Sql.ExecuteAsync("""UPDATE "Registries" SET "Name" = @1, "DeletionId" = NULL WHERE "DeletionId" = @0""", deletion.Id, deletion.Registry);
        events.Add(db, actor, EventTypes.RegistryRestored, deletion.Registry);
        return new RestoreResult(deletion.Registry, null, deletion.ArtifactCount, deletion.TagCount, []);
    }

    private async Task<RestoreResult> RestoreImageAsync(NcrDbContext db, Actor actor, Deletion deletion, CancellationToken cancellationToken)
    {
        var name = ImageName.Parse(deletion.Image!);
        var image = await db.Images.AsTracking().FirstAsync(i => i.DeletionId == deletion.Id, cancellationToken);
        await RequireRegistryAsync(db, deletion, image.RegistryId, cancellationToken);
        if (await db.Images.AnyAsync(i => i.Name == deletion.Image, cancellationToken))
        {
            // It was pushed to again: what is missing there comes back, what is there stays.
            var merged = await MergeAsync(db, actor, deletion, image, name, cancellationToken);
            events.Add(db, actor, EventTypes.ImageRestored, name.Registry, name.ToString());
            return merged;
        }

        db.Touch(deletion.Image!);
        var bytes = await Usage.OfImageAloneAsync(db, image, cancellationToken);
        await db.Registries.Where(r => r.Id == image.RegistryId)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.Size, r => r.Size + bytes).SetProperty(r => r.ImageCount, r => r.ImageCount + 1), cancellationToken);
        await db.Sql.ExecuteAsync(
            """UPDATE "ArtifactBlobs" SET "RegistryId" = @1 WHERE "ArtifactId" IN (SELECT "Id" FROM "Artifacts" WHERE "ImageId" = @0)""", image.Id, image.RegistryId);
        await db.Sql.ExecuteAsync(
            """
            INSERT INTO "ImageBlobs" ("ImageId", "BlobId", "UsedAt")
            SELECT DISTINCT a."ImageId", b."BlobId", @1 FROM "Artifacts" a JOIN "ArtifactBlobs" b ON b."ArtifactId" = a."Id" WHERE a."ImageId" = @0
            ON CONFLICT ("ImageId", "BlobId") DO NOTHING
            """,
            image.Id,
            clock.GetUtcNow().UtcDateTime);
        image.Name = deletion.Image!;
        image.DeletionId = null;
        events.Add(db, actor, EventTypes.ImageRestored, name.Registry, name.ToString());
        await db.SaveChangesAsync(cancellationToken);
        return new RestoreResult(name.Registry, name.ToString(), image.ArtifactCount, image.TagCount, []);
    }

    private async Task<RestoreResult> RestoreArtifactsAsync(NcrDbContext db, Actor actor, Deletion deletion, CancellationToken cancellationToken)
    {
        var away = await db.Images.AsTracking().FirstAsync(i => i.DeletionId == deletion.Id, cancellationToken);
        await RequireRegistryAsync(db, deletion, away.RegistryId, cancellationToken);
        return await MergeAsync(db, actor, deletion, away, ImageName.Parse(deletion.Image!), cancellationToken);
    }

    /// <summary>Moves what lies in <paramref name="away"/> into the image of that name, artifact by artifact.</summary>
    private async Task<RestoreResult> MergeAsync(NcrDbContext db, Actor actor, Deletion deletion, Image away, ImageName name, CancellationToken cancellationToken)
    {
        db.Touch(name.ToString());
        var now = clock.GetUtcNow().UtcDateTime;
        var keys = await BlobLinks.GetOrAddImageAsync(db, name, now);
        var target = await db.Images.AsTracking().FirstAsync(i => i.Id == keys.Id, cancellationToken);
        if (keys.IsHidden)
        {
            await db.Registries.Where(r => r.Id == target.RegistryId).ExecuteUpdateAsync(s => s.SetProperty(r => r.ImageCount, r => r.ImageCount + 1), cancellationToken);
        }

        target.PushedAt ??= now;
        var kept = new List<string>();
        var (artifacts, tags) = (0, 0);
        foreach (var artifact in await db.Artifacts.Where(a => a.ImageId == away.Id).OrderBy(a => a.Id).ToListAsync(cancellationToken))
        {
            var id = await db.Artifacts.Where(a => a.ImageId == target.Id && a.Digest == artifact.Digest).Select(a => (long?)a.Id).FirstOrDefaultAsync(cancellationToken);
            if (id is null)
            {
                await MoveAsync(db, artifact, target, now, cancellationToken);
                events.Add(db, actor, EventTypes.ArtifactRestored, name.Registry, name.ToString(), digest: artifact.Digest);
                artifacts++;
            }

            foreach (var tag in await db.Tags.AsTracking().Where(t => t.ArtifactId == artifact.Id && t.ImageId == away.Id).OrderBy(t => t.Name).ToListAsync(cancellationToken))
            {
                if (await db.Tags.AnyAsync(t => t.ImageId == target.Id && t.Name == tag.Name, cancellationToken))
                {
                    db.Tags.Remove(tag);
                    kept.Add(tag.Name);
                    continue;
                }

                tag.ImageId = target.Id;
                tag.ArtifactId = id ?? artifact.Id;
                target.TagCount++;
                tags++;
                events.Add(db, actor, EventTypes.TagRestored, name.Registry, name.ToString(), tag.Name, artifact.Digest);
            }

            await db.SaveChangesAsync(cancellationToken);
        }

        // What was there again already.
        await db.Artifacts.Where(a => a.ImageId == away.Id).ExecuteDeleteAsync(cancellationToken);
        await db.Images.Where(i => i.Id == away.Id).ExecuteDeleteAsync(cancellationToken);
        db.Entry(away).State = EntityState.Detached;
        await db.SaveChangesAsync(cancellationToken);
        return new RestoreResult(name.Registry, name.ToString(), artifacts, tags, kept);
    }

    private static async Task MoveAsync(NcrDbContext db, Artifact artifact, Image target, DateTime now, CancellationToken cancellationToken)
    {
        var mine = db.ArtifactBlobs.Where(b => b.ArtifactId == artifact.Id);
        var toImage = await mine.Where(b => !db.ArtifactBlobs.Any(o => o.BlobId == b.BlobId && o.RegistryId == target.RegistryId && o.ImageId == target.Id))
            .Join(db.Blobs, b => b.BlobId, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        var toRegistry = await mine.Where(b => !db.ArtifactBlobs.Any(o => o.BlobId == b.BlobId && o.RegistryId == target.RegistryId))
            .Join(db.Blobs, b => b.BlobId, b => b.Id, (_, b) => b.Size).SumAsync(cancellationToken);
        target.Size += toImage + artifact.ManifestSize;
        target.ArtifactCount++;
        var bytes = toRegistry + artifact.ManifestSize;
        await db.Registries.Where(r => r.Id == target.RegistryId).ExecuteUpdateAsync(s => s.SetProperty(r => r.Size, r => r.Size + bytes), cancellationToken);
        await db.Sql.ExecuteAsync("""UPDATE "Artifacts" SET "ImageId" = @0 WHERE "Id" = @1""", target.Id, artifact.Id);
        await db.Sql.ExecuteAsync("""UPDATE "ArtifactChildren" SET "ImageId" = @0 WHERE "ParentId" = @1""", target.Id, artifact.Id);
        await db.Sql.ExecuteAsync("""UPDATE "ArtifactBlobs" SET "ImageId" = @0, "RegistryId" = @1 WHERE "ArtifactId" = @2""", target.Id, target.RegistryId, artifact.Id);
        await db.Sql.ExecuteAsync(
            """
            INSERT INTO "ImageBlobs" ("ImageId", "BlobId", "UsedAt") SELECT @0, "BlobId", @1 FROM "ArtifactBlobs" WHERE "ArtifactId" = @2
            ON CONFLICT ("ImageId", "BlobId") DO NOTHING
            """,
            target.Id,
            now,
            artifact.Id);
    }

    private async Task<RestoreResult> RestoreTagAsync(NcrDbContext db, Actor actor, Deletion deletion, CancellationToken cancellationToken)
    {
        var name = ImageName.Parse(deletion.Image!);
        var artifact = await db.Artifacts.Where(a => a.Image!.Name == deletion.Image && a.Digest == deletion.Digest).Select(a => new { a.Id, a.ImageId }).FirstOrDefaultAsync(cancellationToken)
            ?? throw new NcrException(NcrError.Conflict, $"The artifact {deletion.Digest} that the tag pointed to is not in {deletion.Image} any more. Restore that first, if it is here too.");
        if (await db.Tags.AnyAsync(t => t.ImageId == artifact.ImageId && t.Name == deletion.Tag, cancellationToken))
        {
            throw new NcrException(NcrError.Conflict, $"There is a tag '{deletion.Tag}' again in {deletion.Image}. Its history shows where it pointed, and moves it back.");
        }

        db.Touch(deletion.Image!);
        db.Tags.Add(new Tag { ImageId = artifact.ImageId, ArtifactId = artifact.Id, Name = deletion.Tag!, PushedAt = deletion.TagPushedAt!.Value, PushedBy = deletion.TagPushedBy! });
        await db.Images.Where(i => i.Id == artifact.ImageId).ExecuteUpdateAsync(s => s.SetProperty(i => i.TagCount, i => i.TagCount + 1), cancellationToken);
        events.Add(db, actor, EventTypes.TagRestored, name.Registry, name.ToString(), deletion.Tag, deletion.Digest);
        await db.SaveChangesAsync(cancellationToken);
        return new RestoreResult(name.Registry, name.ToString(), 0, 1, []);
    }

    private static async Task RequireRegistryAsync(NcrDbContext db, Deletion deletion, long registryId, CancellationToken cancellationToken)
    {
        if (!await db.Registries.AnyAsync(r => r.Id == registryId && r.DeletionId == null, cancellationToken))
        {
            throw new NcrException(NcrError.Conflict, $"The registry '{deletion.Registry}' was deleted too. Restore that first.");
        }
    }
}
