using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Deletions;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Images;

/// <summary>Images: named sets of artifacts in a registry.</summary>
public sealed class ImageService
{
    private static readonly SortColumn<Image>[] Columns =
    [
        new SortColumn<Image, string>(i => i.Name) { Name = nameof(ImageRow.Name) },
        new SortColumn<Image, long>(i => i.Size) { Name = nameof(ImageRow.Size) },
        new SortColumn<Image, DateTime?>(i => i.PushedAt) { Name = nameof(ImageRow.PushedAt) },
        new SortColumn<Image, long>(i => i.PullCount) { Name = nameof(ImageRow.PullCount) },
    ];

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly PutAway _putAway;
    private readonly DeletionPurger _purger;

    internal ImageService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, EventLog events, PutAway putAway, DeletionPurger purger)
    {
        _putAway = putAway;
        _purger = purger;
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _events = events;
    }

    /// <summary>Full names of the images that the actor may see, in the order of bytes.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="after">Only names after this; null from the start. It need not exist.</param>
    /// <param name="take">Names wanted.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<KeysetPage<string>> ListNamesAsync(Actor actor, string? after, int take, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, null, cancellationToken);
        var visible = await _access.RegistriesAsync(actor, Permission.ViewImages, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var query = db.Images.Where(i => i.PushedAt != null && i.DeletionId == null);
        if (visible.Names is { } names)
        {
            var registries = await db.Registries.Where(r => names.Contains(r.Name)).Select(r => r.Id).ToListAsync(cancellationToken);
            query = query.Where(i => registries.Contains(i.RegistryId));
        }

        if (!string.IsNullOrEmpty(after))
        {
            query = query.Where(i => string.Compare(i.Name, after) > 0);
        }

        var page = await query.OrderBy(i => i.Name).Take(take + 1).Select(i => i.Name).ToListAsync(cancellationToken);
        return page.Count > take ? new KeysetPage<string>(page[..take], true) : new KeysetPage<string>(page, false);
    }

    /// <summary>A page of a registry's images. Sort by Name (the list's own order), Size, PushedAt or PullCount.</summary>
    public async Task<PageOf<ImageRow>> ListAsync(Actor actor, string registry, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var registryId = await BlobLinks.GetRegistryIdAsync(db, registry);
        var query = db.Images.Where(i => i.RegistryId == registryId && i.PushedAt != null && i.DeletionId == null);
        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var pattern = LikePattern.Contains(page.Search);
            query = query.Where(i => EF.Functions.Like(i.Name.Substring(registry.Length + 1), pattern, LikePattern.Escape));
        }

        long? known = string.IsNullOrWhiteSpace(page.Search) ? await db.Registries.Where(r => r.Id == registryId).Select(r => (long)r.ImageCount).FirstAsync(cancellationToken) : null;
        var found = await Keyset.FindAsync(query, page, i => i.Id, Columns, descendingFirst: false, known, cancellationToken);
        var rows = await db.Images.Where(i => found.Items.Contains(i.Id)).Select(Row(registry)).ToDictionaryAsync(i => i.Id, cancellationToken);
        return found.With([.. found.Items.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>The image, or null when there is none of that name.</summary>
    public async Task<ImageRow?> FindAsync(Actor actor, ImageName image, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, image.Registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.Images.Where(i => i.Name == image.ToString() && i.PushedAt != null).Select(Row(image.Registry)).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Deletes an image with all its artifacts and tags.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.ImageUnknown"/>.</exception>
    public async Task DeleteAsync(Actor actor, ImageName image, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.DeleteImage, image.Registry, cancellationToken);
        var deletion = await _writes.RunAsync(
            async (db, token) =>
            {
                var row = await db.Images.AsTracking().FirstOrDefaultAsync(i => i.Name == image.ToString() && i.PushedAt != null, token) ?? throw ManifestService.ImageUnknown(image);
                return await _putAway.ImageAsync(db, actor, image, row, token);
            },
            cancellationToken);
        _events.Announce(new Change(EventTypes.ImageDeleted, image.Registry, image.ToString()));
        await _purger.FollowAsync(deletion);
    }

    private static System.Linq.Expressions.Expression<Func<Image, ImageRow>> Row(string registry) =>
        i => new ImageRow(i.Id, i.Name.Substring(registry.Length + 1), i.ArtifactCount, i.TagCount, i.Size, i.PullCount, i.PushedAt!.Value, i.PulledAt);
}
