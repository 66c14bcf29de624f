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
    public static async Task<ManifestContent> ResolveAsync(NcrDbContext db, ImageKeys image, ManifestDocument document, bool allowMissingChildren)
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
            foreach (var child in document.Manifests.Select(m => m.Digest.ToString()).Distinct())
            {
                if (await db.Sql.ScalarAsync<long>("""SELECT "Size" FROM "Artifacts" WHERE "ImageId" = @0 AND "Digest" = @1""", image.Id, child) is { } size)
                {
                    children[child] = size;
                }
            }

            // Build caches put layers into an index: what is no manifest is looked for among the blobs.
            asBlobs = document.Manifests.Where(m => !children.ContainsKey(m.Digest.ToString()) && !MediaTypes.IsManifest(m.MediaType));
            missing.AddRange(document.Manifests
                .Where(m => !allowMissingChildren && MediaTypes.IsManifest(m.MediaType) && !children.ContainsKey(m.Digest.ToString()))
                .DistinctBy(m => m.Digest)
                .Select(m => Missing("manifest", m.Digest, image)));
        }

        var blobs = new List<LinkedBlob>();
        foreach (var descriptor in asBlobs.DistinctBy(b => b.Digest))
        {
            if (await FindBlobAsync(db, image, descriptor.Digest.ToString()) is not { } blob)
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
            else
            {
                blobs.Add(blob);
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
        return new ManifestContent(blobs, childDigests, childrenSize);
    }

    /// <summary>A blob of the image, with who else needs it: asked blob by blob, each a seek, since the empty config of OCI artifacts may have a hundred thousand users.</summary>
    private static Task<LinkedBlob?> FindBlobAsync(NcrDbContext db, ImageKeys image, string digest) =>
        db.Sql.FirstAsync(
            """
            SELECT b."Id", b."Size",
                EXISTS (SELECT 1 FROM "ArtifactBlobs" u WHERE u."BlobId" = b."Id" AND u."RegistryId" = @1),
                EXISTS (SELECT 1 FROM "ArtifactBlobs" u WHERE u."BlobId" = b."Id" AND u."RegistryId" = @1 AND u."ImageId" = @2)
            FROM "Blobs" b JOIN "ImageBlobs" l ON l."BlobId" = b."Id" AND l."ImageId" = @2
            WHERE b."Digest" = @0 AND b."DamagedAt" IS NULL
            """,
            row => new LinkedBlob(row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2), row.GetBoolean(3)),
            digest,
            image.RegistryId,
            image.Id);

    private static NcrException Missing(string what, Digest digest, ImageKeys image) =>
        new(NcrError.ManifestBlobUnknown, $"The manifest names the {what} {digest}, which is not in {image.Name}. Push it first.", new { digest = digest.ToString() });

    /// <param name="Size">Bytes.</param>
    /// <param name="IsInRegistry">An artifact of the registry needs it already.</param>
    /// <param name="IsInImage">An artifact of the image needs it already.</param>
    internal sealed record LinkedBlob(long Id, long Size, bool IsInRegistry, bool IsInImage);
}
