using Microsoft.EntityFrameworkCore;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;

namespace Ncr.Core.Images;

/// <summary>What a manifest names, found in its image.</summary>
/// <param name="Blobs">Each blob once.</param>
/// <param name="Children">Digests of the manifests of an index, each once; some may be absent when that is allowed.</param>
/// <param name="ChildrenSize">Bytes of the children that are there, with all they name.</param>
internal sealed record ManifestContent(IReadOnlyList<ManifestContent.LinkedBlob> Blobs, IReadOnlyList<string> Children, long ChildrenSize)
{
    private const long MaxSize = long.MaxValue / 4;

    public long BlobSize => Blobs.Sum(b => b.Size);

    /// <exception cref="NcrException"><see cref="NcrError.ManifestBlobUnknown"/>, one for each that is missing; <see cref="NcrError.ManifestInvalid"/>: a size is wrong.</exception>
    public static async Task<ManifestContent> ResolveAsync(NcrDbContext db, Image image, ManifestDocument document, bool allowMissingChildren, CancellationToken cancellationToken)
    {
        var missing = new List<NcrException>();
        var children = new Dictionary<string, long>();
        IEnumerable<Descriptor> asBlobs = document.Layers.Where(l => !MediaTypes.IsNonDistributable(l.MediaType));
        if (document.Config is { } config)
        {
            asBlobs = asBlobs.Prepend(config);
        }

        if (document.IsIndex)
        {
            var digests = document.Manifests.Select(m => m.Digest.ToString()).Distinct().ToArray();
            children = await db.Artifacts.Where(a => a.ImageId == image.Id && digests.Contains(a.Digest))
                .ToDictionaryAsync(a => a.Digest, a => a.Size, cancellationToken);

            // Build caches put layers into an index: what is no manifest is looked for among the blobs.
            asBlobs = document.Manifests.Where(m => !children.ContainsKey(m.Digest.ToString()) && !MediaTypes.IsManifest(m.MediaType));
            missing.AddRange(document.Manifests
                .Where(m => !allowMissingChildren && MediaTypes.IsManifest(m.MediaType) && !children.ContainsKey(m.Digest.ToString()))
                .DistinctBy(m => m.Digest)
                .Select(m => Missing("manifest", m.Digest, image)));
        }

        var wanted = asBlobs.DistinctBy(b => b.Digest).ToList();
        var names = wanted.Select(b => b.Digest.ToString()).ToArray();
        var found = names.Length == 0
            ? []
            : await db.ImageBlobs.Where(l => l.ImageId == image.Id && names.Contains(l.Blob!.Digest))
                .Select(l => new LinkedBlob(l.BlobId, l.Blob!.Digest, l.Blob.Size))
                .ToDictionaryAsync(b => b.Digest, cancellationToken);
        foreach (var descriptor in wanted)
        {
            if (!found.TryGetValue(descriptor.Digest.ToString(), out var blob))
            {
                missing.Add(Missing("blob", descriptor.Digest, image));
            }
            else if (blob.Size != descriptor.Size)
            {
                throw new NcrException(
                    NcrError.ManifestInvalid,
                    $"The manifest says that {descriptor.Digest} has {descriptor.Size} bytes, but it has {blob.Size}.",
                    new { digest = descriptor.Digest.ToString(), size = blob.Size });
            }
        }

        if (missing is [var first, ..])
        {
            throw new NcrException(first.Error, first.Message, first.Detail) { Others = missing[1..] };
        }

        var childDigests = document.Manifests.Where(m => children.ContainsKey(m.Digest.ToString()) || MediaTypes.IsManifest(m.MediaType))
            .Select(m => m.Digest.ToString()).Distinct().ToList();

        // Nested indexes may name the same content many times over: the sum stops where it can't be true any more.
        var childrenSize = children.Values.Aggregate(0L, (sum, size) => sum > MaxSize - size ? MaxSize : sum + size);
        return new ManifestContent([.. found.Values], childDigests, childrenSize);
    }

    private static NcrException Missing(string what, Digest digest, Image image) =>
        new(NcrError.ManifestBlobUnknown, $"The manifest names the {what} {digest}, which is not in {image.Name}. Push it first.", new { digest = digest.ToString() });

    internal sealed record LinkedBlob(long Id, string Digest, long Size);
}
