using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Images;

/// <summary>Images: named sets of artifacts in a registry.</summary>
public sealed class ImageService
{
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal ImageService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, EventLog events, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _events = events;
        _clock = clock;
    }

    /// <summary>Full names of the images that the actor may see, in the order of bytes.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="after">Only names after this; null from the start. It need not exist.</param>
    /// <param name="take">Names wanted.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<KeysetPage<string>> ListNamesAsync(Actor actor, string? after, int take, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, null, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var query = db.Images.Where(i => i.PushedAt != null);
        if (!string.IsNullOrEmpty(after))
        {
            query = query.Where(i => string.Compare(i.Name, after) > 0);
        }

        var names = await query.OrderBy(i => i.Name).Take(take + 1).Select(i => i.Name).ToListAsync(cancellationToken);
        return names.Count > take ? new KeysetPage<string>(names[..take], true) : new KeysetPage<string>(names, false);
    }

    /// <summary>A page of a registry's images. Sort by Name (the list's own order), Size, PushedAt or PullCount.</summary>
    public async Task<PageOf<ImageRow>> ListAsync(Actor actor, string registry, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var registryId = await BlobLinks.GetRegistryIdAsync(db, registry);
        var query = db.Images.AsNoTracking().Where(i => i.RegistryId == registryId && i.PushedAt != null);
        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var pattern = LikePattern.Contains(page.Search);
            query = query.Where(i => EF.Functions.Like(i.Name.Substring(registry.Length + 1), pattern, LikePattern.Escape));
        }

        var total = await query.CountAsync(cancellationToken);
        var ordered = (page.Sort, page.Descending) switch
        {
            (nameof(ImageRow.Size), false) => query.OrderBy(i => i.Size).ThenBy(i => i.Name),
            (nameof(ImageRow.Size), true) => query.OrderByDescending(i => i.Size).ThenBy(i => i.Name),
            (nameof(ImageRow.PushedAt), false) => query.OrderBy(i => i.PushedAt).ThenBy(i => i.Name),
            (nameof(ImageRow.PushedAt), true) => query.OrderByDescending(i => i.PushedAt).ThenBy(i => i.Name),
            (nameof(ImageRow.PullCount), false) => query.OrderBy(i => i.PullCount).ThenBy(i => i.Name),
            (nameof(ImageRow.PullCount), true) => query.OrderByDescending(i => i.PullCount).ThenBy(i => i.Name),
            (_, true) => query.OrderByDescending(i => i.Name),
            _ => query.OrderBy(i => i.Name),
        };
        var items = await ordered.Skip(page.SafeSkip).Take(page.SafeTake).Select(Row(registry)).ToListAsync(cancellationToken);
        return new PageOf<ImageRow>(items, total);
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
        await _writes.RunAsync(
            async (db, token) =>
            {
                var row = await db.Images.AsTracking().FirstOrDefaultAsync(i => i.Name == image.ToString() && i.PushedAt != null, token) ?? throw ManifestService.ImageUnknown(image);
                db.Touch(row.Name);
                await CollectionQueue.AddForImageAsync(db, row.Id, _clock.GetUtcNow().UtcDateTime);
                await ArtifactRemover.RemoveAllAsync(db, row, token);
                db.Images.Remove(row);
                await db.Registries.Where(r => r.Id == row.RegistryId).ExecuteUpdateAsync(s => s.SetProperty(r => r.ImageCount, r => r.ImageCount - 1), token);
                _events.Add(db, actor, EventTypes.ImageDeleted, image.Registry, image.ToString());
                return true;
            },
            cancellationToken);
        _events.Announce(new Change(EventTypes.ImageDeleted, image.Registry, image.ToString()));
    }

    private static System.Linq.Expressions.Expression<Func<Image, ImageRow>> Row(string registry) =>
        i => new ImageRow(i.Id, i.Name.Substring(registry.Length + 1), i.ArtifactCount, i.TagCount, i.Size, i.PullCount, i.PushedAt!.Value, i.PulledAt);
}
