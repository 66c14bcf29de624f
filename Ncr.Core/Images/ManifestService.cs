using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Paging;

namespace Ncr.Core.Images;

/// <summary>Serving manifests: by tag, by digest, and by what they are about.</summary>
public sealed class ManifestService
{
    /// <summary>Referrers given at once; more come in pages.</summary>
    public const int MaxReferrers = 1000;

    /// <summary>About how many bytes of them at once: clients take an answer as large as a manifest may be.</summary>
    private const int MaxReferrersSize = 3 * 1024 * 1024;

    private const int ReferrersStep = 100;

    private static readonly Func<NcrDbContext, string, string, Task<Found?>> ByTagQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string image, string tag) =>
            (from i in db.Images
             where i.Name == image
             join t in db.Tags on i.Id equals t.ImageId
             where t.Name == tag
             join a in db.Artifacts on t.ArtifactId equals a.Id
             select new Found(a.Id, i.Id, a.Digest, a.MediaType, a.ManifestSize)).FirstOrDefault());

    private static readonly Func<NcrDbContext, string, string, Task<Found?>> ByDigestQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string image, string digest) =>
            (from i in db.Images
             where i.Name == image
             join a in db.Artifacts on i.Id equals a.ImageId
             where a.Digest == digest
             select new Found(a.Id, i.Id, a.Digest, a.MediaType, a.ManifestSize)).FirstOrDefault());

    private static readonly Func<NcrDbContext, string, Task<byte[]?>> PayloadQuery =
        EF.CompileAsyncQuery((NcrDbContext db, string digest) => db.Manifests.Where(m => m.Digest == digest).Select(m => m.Payload).FirstOrDefault());

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly ReadCache _cache;
    private readonly AccessService _access;
    private readonly PullRecorder _pulls;

    internal ManifestService(IDbContextFactory<NcrDbContext> dbFactory, ReadCache cache, AccessService access, PullRecorder pulls)
    {
        _dbFactory = dbFactory;
        _cache = cache;
        _access = access;
        _pulls = pulls;
    }

    /// <summary>Whether a manifest is there, without its bytes; null when not. No pull is counted.</summary>
    public Task<ManifestRef?> FindAsync(Actor actor, ImageName image, Reference reference, CancellationToken cancellationToken) =>
        FindAsync(actor, image, reference, withPayload: false, cancellationToken);

    /// <summary>A manifest with its bytes, counted as a pull; null when it is not there.</summary>
    public async Task<ManifestRef?> PullAsync(Actor actor, ImageName image, Reference reference, CancellationToken cancellationToken)
    {
        var manifest = await FindAsync(actor, image, reference, withPayload: true, cancellationToken);
        if (manifest is not null)
        {
            _pulls.Record(manifest, actor, image, reference);
        }

        return manifest;
    }

    /// <summary>The bytes of a manifest for a page to show; null when it is not there. No pull is counted.</summary>
    public async Task<byte[]?> FindPayloadAsync(Actor actor, ImageName image, Digest digest, CancellationToken cancellationToken) =>
        (await FindAsync(actor, image, Reference.To(digest), withPayload: true, cancellationToken))?.Payload;

    /// <summary>Explains a manifest, or with no reference an image, that was not found.</summary>
    public async Task<NcrException> ExplainMissingAsync(ImageName image, Reference? reference, CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        if (!await db.Registries.AnyAsync(r => r.Name == image.Registry, cancellationToken))
        {
            return BlobLinks.RegistryUnknown(image.Registry);
        }

        return reference is { } wanted && await db.Images.AnyAsync(i => i.Name == image.ToString() && i.PushedAt != null, cancellationToken)
            ? new NcrException(
                NcrError.ManifestUnknown,
                wanted.IsTag ? $"The image {image} has no tag '{wanted}'." : $"The image {image} has no artifact {wanted}.",
                new { name = image.ToString(), reference = wanted.ToString() })
            : ImageUnknown(image);
    }

    public static NcrException ImageUnknown(ImageName image) =>
        new(NcrError.ImageUnknown, $"The image '{image.Image}' does not exist in the registry '{image.Registry}'.", new { name = image.ToString() });

    /// <summary>What is about an artifact, in the order of digests. The subject, and even the image, need not be there: then there is nothing.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="image">Where to look.</param>
    /// <param name="subject">The artifact they are about.</param>
    /// <param name="artifactType">Only those of this type; null for all.</param>
    /// <param name="after">Only those with a digest after this; null for the first page.</param>
    /// <param name="take">Rows wanted, at most <see cref="MaxReferrers"/>.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<KeysetPage<ReferrerRow>> ListReferrersAsync(Actor actor, ImageName image, Digest subject, string? artifactType, string? after, int take, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        if (await BlobLinks.FindImageIdAsync(db, image) is not { } imageId)
        {
            return new KeysetPage<ReferrerRow>([], false);
        }

        var query = db.Artifacts.AsNoTracking().Where(a => a.ImageId == imageId && a.Subject == subject.ToString());
        if (artifactType is not null)
        {
            query = query.Where(a => a.ArtifactTypeName == artifactType);
        }

        if (after is not null)
        {
            query = query.Where(a => string.Compare(a.Digest, after) > 0);
        }

        // In small steps, so that many large annotations neither fill the memory nor make an answer that clients refuse.
        var rows = new List<ReferrerRow>();
        var size = 0;
        take = Math.Clamp(take, 1, MaxReferrers);
        while (true)
        {
            var step = await query.OrderBy(a => a.Digest).Take(ReferrersStep)
                .Select(a => new ReferrerRow(a.Digest, a.MediaType, a.ManifestSize, a.ArtifactTypeName, a.Annotations))
                .ToListAsync(cancellationToken);
            foreach (var row in step)
            {
                size += ReferrerRow.Overhead + (row.Annotations?.Length ?? 0);
                if (rows.Count == take || (rows.Count > 0 && size > MaxReferrersSize))
                {
                    return new KeysetPage<ReferrerRow>(rows, true);
                }

                rows.Add(row);
            }

            if (step.Count < ReferrersStep)
            {
                return new KeysetPage<ReferrerRow>(rows, false);
            }

            var last = step[^1].Digest;
            query = query.Where(a => string.Compare(a.Digest, last) > 0);
        }
    }

    private async Task<ManifestRef?> FindAsync(Actor actor, ImageName image, Reference reference, bool withPayload, CancellationToken cancellationToken)
    {
        await (withPayload ? _access.RequireAsync(actor, Permission.PullImage, image.Registry, cancellationToken) : _access.RequireLookAsync(actor, image.Registry, cancellationToken));
        if (await FindAsync(image.ToString(), reference, cancellationToken) is not { } found)
        {
            return null;
        }

        if (!withPayload)
        {
            return found;
        }

        return await FindPayloadAsync(found.Digest, cancellationToken) is { } payload
            ? found with { Payload = payload }
            : null; // Deleted between the two look-ups.
    }

    private async ValueTask<ManifestRef?> FindAsync(string image, Reference reference, CancellationToken cancellationToken)
    {
        var text = reference.ToString();
        if (_cache.TryGet<ManifestRef>(image, 'm', text, out var known))
        {
            return known;
        }

        var stamp = _cache.StampOf(image);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var found = reference.IsTag ? await ByTagQuery(db, image, text) : await ByDigestQuery(db, image, text);
        if (found is null)
        {
            return null;
        }

        var manifest = new ManifestRef(Digest.Parse(found.Digest), found.MediaType, found.Size, null) { ArtifactId = found.ArtifactId, ImageId = found.ImageId };
        _cache.Set(image, 'm', text, manifest, 0, stamp);
        return manifest;
    }

    /// <summary>Bytes by digest are never stale, so they hang on no image.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.ManifestUnknown"/>: the database holds other bytes.</exception>
    private async ValueTask<byte[]?> FindPayloadAsync(Digest digest, CancellationToken cancellationToken)
    {
        var text = digest.ToString();
        if (_cache.TryGet<byte[]>("", 'p', text, out var known))
        {
            return known;
        }

        var stamp = _cache.StampOf("");
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var payload = await PayloadQuery(db, text);
        if (payload is null)
        {
            return null;
        }

        if (digest.SameAlgorithmOver(payload) != digest)
        {
            throw new NcrException(
                NcrError.ManifestUnknown,
                $"The manifest {digest} is damaged in the server's database. Push it again, or tell the server's administrator, who may restore it from a backup.",
                new { digest = text });
        }

        _cache.Set("", 'p', text, payload, payload.Length, stamp);
        return payload;
    }

    private sealed record Found(long ArtifactId, long ImageId, string Digest, string MediaType, int Size);
}
