using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;

namespace Ncr.Core.Images.Documents;

/// <summary>An artifact's documents and blobs as they were pushed, for a person to keep. No pull is counted.</summary>
public sealed class DocumentService
{
    private readonly AccessService _access;
    private readonly ManifestService _manifests;
    private readonly BlobService _blobs;

    internal DocumentService(AccessService access, ManifestService manifests, BlobService blobs)
    {
        _access = access;
        _manifests = manifests;
        _blobs = blobs;
    }

    /// <summary>The artifact that a tag or a digest means now; null when there is none.</summary>
    public async Task<Digest?> FindAsync(Actor actor, ImageName image, Reference reference, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        return (await _manifests.FindAsync(actor, image, reference, cancellationToken))?.Digest;
    }

    /// <summary>The manifest's bytes; null when it is not there.</summary>
    public async Task<byte[]?> FindManifestAsync(Actor actor, ImageName image, Digest artifact, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PullImage, image.Registry, cancellationToken);
        return await _manifests.FindPayloadAsync(actor, image, artifact, cancellationToken);
    }

    /// <summary>Opens the artifact's config; null when there is none.</summary>
    public async Task<BlobDownload?> OpenConfigAsync(Actor actor, ImageName image, Digest artifact, CancellationToken cancellationToken) =>
        (await FindDocumentAsync(actor, image, artifact, cancellationToken))?.Config is { } config ? await OpenAsync(actor, image, config, cancellationToken) : null;

    /// <summary>Opens a file of the artifact: a layer by its place in the manifest, from 0; null when there is none.</summary>
    public async Task<BlobDownload?> OpenLayerAsync(Actor actor, ImageName image, Digest artifact, int layer, CancellationToken cancellationToken) =>
        (await FindDocumentAsync(actor, image, artifact, cancellationToken))?.Layers is { } layers && layer >= 0 && layer < layers.Count ? await OpenAsync(actor, image, layers[layer], cancellationToken) : null;

    /// <summary>Opens the first file of the artifact that has the title; null when none has.</summary>
    public async Task<BlobDownload?> OpenTitledAsync(Actor actor, ImageName image, Digest artifact, string title, CancellationToken cancellationToken) =>
        (await FindDocumentAsync(actor, image, artifact, cancellationToken))?.Layers.FirstOrDefault(l => l.Title == title) is { } layer ? await OpenAsync(actor, image, layer, cancellationToken) : null;

    private async Task<ManifestDocument?> FindDocumentAsync(Actor actor, ImageName image, Digest artifact, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PullImage, image.Registry, cancellationToken);
        var manifest = await _manifests.FindAsync(actor, image, Reference.To(artifact), cancellationToken);
        var payload = manifest is null ? null : await _manifests.FindPayloadAsync(actor, image, artifact, cancellationToken);
        return manifest is null || payload is null ? null : ManifestDocument.Parse(payload, manifest.MediaType);
    }

    private async Task<BlobDownload> OpenAsync(Actor actor, ImageName image, Descriptor descriptor, CancellationToken cancellationToken)
    {
        var blob = await _blobs.FindAsync(actor, image, descriptor.Digest, cancellationToken)
            ?? throw (await _blobs.ExplainMissingAsync(image, descriptor.Digest, cancellationToken) ?? new NcrException(NcrError.BlobUnknown, $"{descriptor.Digest} is not stored here."));
        return new BlobDownload(descriptor.Title, descriptor.Digest, await _blobs.OpenAsync(blob, cancellationToken));
    }
}
