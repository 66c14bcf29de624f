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
    /// <summary>Configs are small; one that is larger is not read for its platform and labels.</summary>
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
        var config = document.IsIndex ? default : await ReadConfigAsync(image, document, cancellationToken);
        var platforms = document.IsIndex ? PlatformsOfIndex(document) : config.IsEmpty ? null : PlatformText.OfConfig(config);
        var pushed = new PushedDocument(digest, document, payload, platforms, Labels.Collect(document, config));
        List<string> tags = reference.IsTag ? [reference.Tag, .. moreTags] : [.. moreTags];
        tags = [.. tags.Distinct()];
        await _writes.RunAsync(
            async (db, _) =>
            {
                var now = _clock.GetUtcNow().UtcDateTime;
                await new PushWriter(db, actor, now).StoreAsync(image, pushed, tags, _options.AllowMissingChildren);
                foreach (var tag in tags.DefaultIfEmpty())
                {
                    await _events.AddAsync(db, actor, EventTypes.ArtifactPushed, image.Registry, image.ToString(), tag, digest.ToString(), null);
                }

                return true;
            },
            cancellationToken);
        _events.Announce(new Change(EventTypes.ArtifactPushed, image.Registry, image.ToString()));
        return new PushedManifest(digest, document.Subject?.Digest, tags);
    }

    private static string? PlatformsOfIndex(ManifestDocument index)
    {
        var platforms = index.Manifests.Select(m => m.Platform).OfType<string>().Distinct().ToList();
        return platforms.Count == 0 ? null : string.Join(", ", platforms);
    }

    /// <summary>The config of a container image; empty when it is none.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadConfigAsync(ImageName image, ManifestDocument document, CancellationToken cancellationToken)
    {
        if (document.Config is not { Size: <= MaxConfigSize } config || !MediaTypes.IsImageConfig(config.MediaType))
        {
            return default;
        }

        string? location;
        await using (var db = await _dbFactory.CreateDbContextAsync(cancellationToken))
        {
            location = await (from i in db.Images
                              where i.Name == image.ToString()
                              join link in db.ImageBlobs on i.Id equals link.ImageId
                              join blob in db.Blobs on link.BlobId equals blob.Id
                              where blob.Digest == config.Digest.ToString() && blob.Size <= MaxConfigSize && blob.DamagedAt == null
                              select blob.Location).FirstOrDefaultAsync(cancellationToken);
        }

        if (location is null)
        {
            return default; // Storing the manifest names it as missing.
        }

        await using var content = await _store.OpenAsync(location, cancellationToken);
        return content is null ? default : await content.ReadAllAsync(cancellationToken);
    }
}
