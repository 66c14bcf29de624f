using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Images;
using Ncr.Core.Registries;

namespace Ncr.Core.Deletions;

/// <summary>The pieces of write transactions that delete: they put away what goes, under names that nobody can ask for, and keep the figures true.</summary>
/// <remarks>Rows of <c>ArtifactBlobs</c> that were put away belong to the registry 0, so that they count for no registry's size but hold the content.</remarks>
internal sealed class PutAway(EventLog events, NcrOptions options, TimeProvider clock)
{
    /// <summary>No name of a registry or image begins so.</summary>
    private const char Mark = '~';

    private const int TagsNamed = 5;

    /// <summary>Artifacts of one image, the first being the one that was asked for.</summary>
    public async Task<Deletion> ArtifactsAsync(NcrDbContext db, Actor actor, ImageName name, Image image, IReadOnlyList<Artifact> artifacts, CancellationToken cancellationToken)
    {
        db.Touch(image.Name);
        var first = artifacts[0];
        var tags = await db.Tags.Where(t => t.ArtifactId == first.Id).OrderBy(t => t.Name).Take(TagsNamed).Select(t => t.Name).ToListAsync(cancellationToken);
        var deletion = await AddAsync(db, New(DeletionKind.Artifact, actor, name.Registry, image.Name, first.Digest, tags.Count == 0 ? null : string.Join(", ", tags)), cancellationToken);
        var away = new Image { RegistryId = image.RegistryId, Name = NameOf(deletion, image.Name), CreatedAt = image.CreatedAt, PushedAt = deletion.At, DeletionId = deletion.Id };
        db.Images.Add(away);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var artifact in artifacts)
        {
            await Usage.RemoveAsync(db, image, artifact, cancellationToken);
            await CollectionQueue.AddForArtifactAsync(db, artifact.Id, deletion.At); // Its links to the image that it leaves.
            await NoteTagsAsync(db, actor, name, artifact, deletion.At);
            deletion.TagCount += await db.Sql.ExecuteAsync("""UPDATE "Tags" SET "ImageId" = @0 WHERE "ArtifactId" = @1""", away.Id, artifact.Id);
            await db.Sql.ExecuteAsync("""UPDATE "ArtifactBlobs" SET "ImageId" = @0, "RegistryId" = 0 WHERE "ArtifactId" = @1""", away.Id, artifact.Id);
            await db.Sql.ExecuteAsync("""UPDATE "ArtifactChildren" SET "ImageId" = @0 WHERE "ParentId" = @1""", away.Id, artifact.Id);
            await db.Sql.ExecuteAsync("""UPDATE "Artifacts" SET "ImageId" = @0 WHERE "Id" = @1""", away.Id, artifact.Id);
            events.Add(db, actor, EventTypes.ArtifactDeleted, name.Registry, name.ToString(), digest: artifact.Digest);
            deletion.ArtifactCount++;
        }

        image.ArtifactCount -= deletion.ArtifactCount;
        image.TagCount -= deletion.TagCount;
        away.ArtifactCount = deletion.ArtifactCount;
        away.TagCount = deletion.TagCount;
        deletion.Size = await LooseBytes.OfImageAsync(db, away.Id, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return deletion;
    }

    public async Task<Deletion> ImageAsync(NcrDbContext db, Actor actor, ImageName name, Image image, CancellationToken cancellationToken)
    {
        db.Touch(image.Name);
        var deletion = await AddAsync(db, New(DeletionKind.Image, actor, name.Registry, image.Name), cancellationToken);
        var bytes = await Usage.OfImageAloneAsync(db, image, cancellationToken);
        await db.Registries.Where(r => r.Id == image.RegistryId)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.Size, r => r.Size - bytes).SetProperty(r => r.ImageCount, r => r.ImageCount - 1), cancellationToken);
        await db.Sql.ExecuteAsync("""UPDATE "ArtifactBlobs" SET "RegistryId" = 0 WHERE "ArtifactId" IN (SELECT "Id" FROM "Artifacts" WHERE "ImageId" = @0)""", image.Id);
        image.Name = NameOf(deletion, image.Name);
        image.DeletionId = deletion.Id;
        deletion.ArtifactCount = image.ArtifactCount;
        deletion.TagCount = image.TagCount;
        deletion.Size = await LooseBytes.OfImageAsync(db, image.Id, cancellationToken);
        events.Add(db, actor, EventTypes.ImageDeleted, name.Registry, name.ToString());
        await db.SaveChangesAsync(cancellationToken);
        return deletion;
    }

    /// <summary>A registry with all its images.</summary>
    public async Task<Deletion> RegistryAsync(NcrDbContext db, Actor actor, ContainerRegistry registry, CancellationToken cancellationToken)
    {
        db.TouchAll();
        var deletion = await AddAsync(db, New(DeletionKind.Registry, actor, registry.Name), cancellationToken);
        var images = db.Images.Where(i => i.RegistryId == registry.Id && i.DeletionId == null);
        deletion.ArtifactCount = await images.SumAsync(i => i.ArtifactCount, cancellationToken);
        deletion.TagCount = await images.SumAsync(i => i.TagCount, cancellationToken);
        deletion.Size = await LooseBytes.OfRegistryAsync(db, registry.Id, cancellationToken);
        await db.Sql.ExecuteAsync(
            """UPDATE "Images" SET "Name" = @1 || "Name", "DeletionId" = @2 WHERE "RegistryId" = @0 AND "DeletionId" IS NULL""", registry.Id, NameOf(deletion, ""), deletion.Id);
        events.Add(db, actor, EventTypes.RegistryDeleted, registry.Name);
        registry.Name = NameOf(deletion, registry.Name);
        registry.DeletionId = deletion.Id;
        await db.SaveChangesAsync(cancellationToken);
        return deletion;
    }

    public async Task<Deletion> TagAsync(NcrDbContext db, Actor actor, ImageName name, Tag tag, string digest, CancellationToken cancellationToken)
    {
        db.Touch(name.ToString());
        var deletion = New(DeletionKind.Tag, actor, name.Registry, name.ToString(), digest);
        deletion.Tag = tag.Name;
        deletion.TagPushedAt = tag.PushedAt;
        deletion.TagPushedBy = tag.PushedBy;
        deletion.TagCount = 1;
        db.Deletions.Add(deletion);
        await db.Tags.Where(t => t.Id == tag.Id).ExecuteDeleteAsync(cancellationToken);
        await db.Images.Where(i => i.Id == tag.ImageId).ExecuteUpdateAsync(s => s.SetProperty(i => i.TagCount, i => i.TagCount - 1), cancellationToken);
        events.Add(db, actor, EventTypes.TagDeleted, name.Registry, name.ToString(), tag.Name, digest);
        await db.SaveChangesAsync(cancellationToken);
        return deletion;
    }

    internal static string NameOf(Deletion deletion, string name) => $"{Mark}{deletion.Id}/{name}";

    /// <summary>The history of each tag says that it went with its artifact.</summary>
    private static Task<int> NoteTagsAsync(NcrDbContext db, Actor actor, ImageName name, Artifact artifact, DateTime now) => db.Sql.ExecuteAsync(
        """
        INSERT INTO "Events" ("Type", "At", "Actor", "Address", "Registry", "Image", "Tag", "Digest")
        SELECT @0, @1, @2, @3, @4, @5, "Name", @6 FROM "Tags" WHERE "ArtifactId" = @7
        """,
        EventTypes.TagDeleted,
        now,
        actor.Name,
        actor.Address,
        name.Registry,
        name.ToString(),
        artifact.Digest,
        artifact.Id);

    private static async Task<Deletion> AddAsync(NcrDbContext db, Deletion deletion, CancellationToken cancellationToken)
    {
        db.Deletions.Add(deletion);
        await db.SaveChangesAsync(cancellationToken);
        return deletion;
    }

    private Deletion New(DeletionKind kind, Actor actor, string registry, string? image = null, string? digest = null, string? tags = null)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return new Deletion
        {
            Kind = kind,
            Registry = registry,
            Image = image,
            Digest = digest,
            Tags = tags,
            At = now,
            By = actor.Name,
            Address = actor.Address,
            ExpiresAt = now + options.Deletion.RestoreTime,
        };
    }
}
