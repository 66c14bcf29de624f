using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Images;

namespace Ncr.Core.Deletions;

/// <summary>Says what a deletion would take and free, before anybody confirms it.</summary>
public sealed class DeletionPreviewService
{
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly AccessService _access;

    internal DeletionPreviewService(IDbContextFactory<NcrDbContext> dbFactory, AccessService access)
    {
        _dbFactory = dbFactory;
        _access = access;
    }

    /// <summary>Artifacts of one image with what goes with each. One that is part of an index that stays is named in the refusals; one that is gone already is passed over.</summary>
    public async Task<DeletionPreview> OfArtifactsAsync(Actor actor, ImageName image, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var imageId = await BlobLinks.FindImageIdAsync(db, image);
        var going = new List<Artifact>();
        var refusals = new List<string>();
        foreach (var digest in digests.Select(d => d.ToString()).Distinct())
        {
            var artifact = await db.Artifacts.FirstOrDefaultAsync(a => a.ImageId == imageId && a.Digest == digest, cancellationToken);
            if (artifact is null || imageId is null || going.Exists(g => g.Id == artifact.Id))
            {
                continue;
            }

            var parents = await db.ArtifactChildren.Where(c => c.ImageId == imageId && c.Digest == digest && c.ParentId != artifact.Id).Select(c => c.Parent!.Digest).ToListAsync(cancellationToken);
            if (parents.Find(p => !digests.Any(d => d.ToString() == p)) is { } parent)
            {
                refusals.Add($"{Digest.Parse(digest).Short} is part of the index {Digest.Parse(parent).Short} and goes with that.");
                continue;
            }

            going.AddRange((await ArtifactTree.FindWithPartsAsync(db, imageId.Value, artifact, cancellationToken)).Where(a => going.TrueForAll(g => g.Id != a.Id)));
        }

        var ids = going.ConvertAll(g => g.Id);
        var rows = (await ArtifactRows.ReadAsync(db, db.Artifacts.Where(a => ids.Contains(a.Id)), cancellationToken)).ToDictionary(r => r.Id);
        return new DeletionPreview([.. ids.Select(id => rows[id])], 0, ids.Count, rows.Values.Sum(r => (long)r.TagCount), await LooseBytes.OfArtifactsAsync(db, ids, cancellationToken), refusals);
    }

    /// <summary>Images of one registry.</summary>
    /// <param name="names">Within the registry.</param>
    public async Task<DeletionPreview> OfImagesAsync(Actor actor, string registry, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var full = names.Select(n => $"{registry}/{n}").ToArray();
        var images = await db.Images.Where(i => full.Contains(i.Name)).Select(i => new { i.Id, i.ArtifactCount, i.TagCount }).ToListAsync(cancellationToken);
        var freed = await LooseBytes.OfImagesAsync(db, images.ConvertAll(i => i.Id), cancellationToken);
        return new DeletionPreview([], images.Count, images.Sum(i => (long)i.ArtifactCount), images.Sum(i => (long)i.TagCount), freed, []);
    }

    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>.</exception>
    public async Task<DeletionPreview> OfRegistryAsync(Actor actor, string registry, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewRegistries, registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var id = await BlobLinks.GetRegistryIdAsync(db, registry);
        var images = db.Images.Where(i => i.RegistryId == id && i.PushedAt != null && i.DeletionId == null);
        return new DeletionPreview(
            [],
            await images.CountAsync(cancellationToken),
            await images.SumAsync(i => (long)i.ArtifactCount, cancellationToken),
            await images.SumAsync(i => (long)i.TagCount, cancellationToken),
            await LooseBytes.OfRegistryAsync(db, id, cancellationToken),
            []);
    }
}
