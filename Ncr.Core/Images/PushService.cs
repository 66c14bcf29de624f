using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;

namespace Ncr.Core.Images;

/// <summary>Taking in manifests.</summary>
public sealed class PushService
{
    /// <summary>Configs are small; one that is larger is not read for its platform.</summary>
    private const int MaxConfigSize = 1 << 20;

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly IBlobStore _store;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly NcrOptions _options;
    private readonly TimeProvider _clock;

    internal PushService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, IBlobStore store, AccessService access, EventLog events, NcrOptions options, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _store = store;
        _access = access;
        _events = events;
        _options = options;
        _clock = clock;
    }

    /// <summary>Stores a manifest and points tags to it.</summary>
    /// <param name="actor">Who pushes.</param>
    /// <param name="image">Where to.</param>
    /// <param name="reference">The tag to move, or the digest that the payload must have.</param>
    /// <param name="moreTags">Further tags to point to it.</param>
    /// <param name="payload">The bytes as they came; kept unchanged.</param>
    /// <param name="contentType">The request's media type without parameters; null when it named none.</param>
    /// <param name="cancellationToken">Ends the push before it is stored.</param>
    /// <exception cref="NcrException">
    /// <see cref="NcrError.ManifestInvalid"/>, <see cref="NcrError.DigestInvalid"/>, <see cref="NcrError.TagInvalid"/>, <see cref="NcrError.RegistryUnknown"/>,
    /// <see cref="NcrError.ManifestBlobUnknown"/> with one error for each blob or manifest that is not in the image.
    /// </exception>
    public async Task<PushedManifest> PushAsync(Actor actor, ImageName image, Reference reference, IReadOnlyList<string> moreTags, byte[] payload, string? contentType, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        var digest = reference.IsTag ? Digest.Sha256(payload) : reference.Digest.SameAlgorithmOver(payload);
        if (!reference.IsTag && digest != reference.Digest)
        {
            throw new NcrException(NcrError.DigestInvalid, $"The manifest received has the digest {digest}, not {reference.Digest}.", new { digest = reference.ToString(), actual = digest.ToString() });
        }

        if (moreTags.FirstOrDefault(t => !TagName.IsValid(t)) is { } bad)
        {
            throw new NcrException(NcrError.TagInvalid, $"'{bad}' is no tag. {TagName.Rule}", new { tag = bad });
        }

        var document = ManifestDocument.Parse(payload, contentType);
        var platforms = document.IsIndex ? PlatformsOfIndex(document) : await FindPlatformAsync(image, document, cancellationToken);
        List<string> tags = reference.IsTag ? [reference.Tag, .. moreTags] : [.. moreTags];
        tags = [.. tags.Distinct()];
        await _writes.RunAsync(
            async (db, token) =>
            {
                await StoreAsync(db, actor, image, digest, document, payload, platforms, tags, token);
                return true;
            },
            cancellationToken);
        _events.Announce(new Change(EventTypes.ArtifactPushed, image.Registry, image.ToString()));
        return new PushedManifest(digest, document.Subject?.Digest, tags);
    }

    private async Task StoreAsync(NcrDbContext db, Actor actor, ImageName image, Digest digest, ManifestDocument document, byte[] payload, string? platforms, List<string> tags, CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        var imageId = await BlobLinks.GetOrAddImageAsync(db, image, now, cancellationToken);
        var row = await db.Images.AsTracking().FirstAsync(i => i.Id == imageId, cancellationToken);
        var artifact = await db.Artifacts.AsTracking().FirstOrDefaultAsync(a => a.ImageId == imageId && a.Digest == digest.ToString(), cancellationToken);
        if (artifact is null)
        {
            artifact = await AddAsync(db, actor, row, digest, document, payload, platforms, now, cancellationToken);
        }
        else if (artifact.MediaType != document.MediaType)
        {
            artifact.MediaType = document.MediaType; // The bytes name no type, and this push says another.
        }

        foreach (var tag in tags)
        {
            await TagWriter.PointAsync(db, row, artifact, tag, actor, now, cancellationToken);
        }

        if (row.PushedAt is null || db.ChangeTracker.HasChanges())
        {
            row.PushedAt = now; // A push that changes nothing leaves the times as they are.
        }

        _events.Add(db, actor, EventTypes.ArtifactPushed, image.Registry, image.ToString(), tags.FirstOrDefault(), digest.ToString(), tags.Count > 1 ? string.Join(", ", tags) : null);
    }

    private async Task<Artifact> AddAsync(NcrDbContext db, Actor actor, Image image, Digest digest, ManifestDocument document, byte[] payload, string? platforms, DateTime now, CancellationToken cancellationToken)
    {
        var content = await ManifestContent.ResolveAsync(db, image, document, _options.AllowMissingChildren, cancellationToken);
        var artifact = new Artifact
        {
            ImageId = image.Id,
            Digest = digest.ToString(),
            MediaType = document.MediaType,
            Type = ArtifactTypes.Recognise(document),
            ArtifactTypeName = document.EffectiveArtifactType,
            Platforms = platforms,
            ManifestSize = payload.Length,
            Size = payload.Length + content.BlobSize + content.ChildrenSize,
            Subject = document.Subject?.Digest.ToString(),
            Annotations = document.Annotations.Count == 0 ? null : JsonSerializer.Serialize(document.Annotations),
            PushedAt = now,
            PushedBy = actor.Name,
        };
        await Usage.AddAsync(db, image, content.Blobs, payload.Length, cancellationToken);
        if (!await db.Manifests.AnyAsync(m => m.Digest == artifact.Digest, cancellationToken))
        {
            db.Manifests.Add(new Manifest { Digest = artifact.Digest, Payload = payload });
        }

        if (image.PushedAt is null)
        {
            await db.Registries.Where(r => r.Id == image.RegistryId)
                .ExecuteUpdateAsync(s => s.SetProperty(r => r.ImageCount, r => r.ImageCount + 1), cancellationToken);
        }

        image.ArtifactCount++;
        db.Artifacts.Add(artifact);
        await db.SaveChangesAsync(cancellationToken);
        db.ArtifactBlobs.AddRange(content.Blobs.Select(b => new ArtifactBlob { ArtifactId = artifact.Id, BlobId = b.Id, ImageId = image.Id, RegistryId = image.RegistryId }));
        db.ArtifactChildren.AddRange(content.Children.Select(c => new ArtifactChild { ParentId = artifact.Id, ImageId = image.Id, Digest = c }));
        return artifact;
    }

    private static string? PlatformsOfIndex(ManifestDocument index)
    {
        var platforms = index.Manifests.Select(m => m.Platform).OfType<string>().Distinct().ToList();
        return platforms.Count == 0 ? null : string.Join(", ", platforms);
    }

    private async Task<string?> FindPlatformAsync(ImageName image, ManifestDocument document, CancellationToken cancellationToken)
    {
        if (document.Config is not { Size: <= MaxConfigSize } config || !MediaTypes.IsImageConfig(config.MediaType))
        {
            return null;
        }

        string? location;
        await using (var db = await _dbFactory.CreateDbContextAsync(cancellationToken))
        {
            location = await (from i in db.Images
                              where i.Name == image.ToString()
                              join link in db.ImageBlobs on i.Id equals link.ImageId
                              join blob in db.Blobs on link.BlobId equals blob.Id
                              where blob.Digest == config.Digest.ToString() && blob.Size <= MaxConfigSize
                              select blob.Location).FirstOrDefaultAsync(cancellationToken);
        }

        if (location is null)
        {
            return null; // Storing the manifest names it as missing.
        }

        await using var content = await _store.OpenAsync(location, cancellationToken);
        return content is null ? null : PlatformText.OfConfig(await content.ReadAllAsync(cancellationToken));
    }
}
