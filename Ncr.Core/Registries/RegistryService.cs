using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Registries;

/// <summary>Registries: the spaces that images live in.</summary>
public sealed class RegistryService
{
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal RegistryService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, EventLog events, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _events = events;
        _clock = clock;
    }

    /// <summary>A page of the registries. Sort by Name (the list's own order), ImageCount, Size or CreatedAt.</summary>
    public async Task<PageOf<RegistryRow>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewRegistries, null, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var query = db.Registries.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var pattern = LikePattern.Contains(page.Search);
            query = query.Where(r => EF.Functions.Like(r.Name, pattern, LikePattern.Escape));
        }

        var total = await query.CountAsync(cancellationToken);
        var ordered = (page.Sort, page.Descending) switch
        {
            (nameof(RegistryRow.ImageCount), false) => query.OrderBy(r => r.ImageCount).ThenBy(r => r.Name),
            (nameof(RegistryRow.ImageCount), true) => query.OrderByDescending(r => r.ImageCount).ThenBy(r => r.Name),
            (nameof(RegistryRow.Size), false) => query.OrderBy(r => r.Size).ThenBy(r => r.Name),
            (nameof(RegistryRow.Size), true) => query.OrderByDescending(r => r.Size).ThenBy(r => r.Name),
            (nameof(RegistryRow.CreatedAt), false) => query.OrderBy(r => r.CreatedAt).ThenBy(r => r.Name),
            (nameof(RegistryRow.CreatedAt), true) => query.OrderByDescending(r => r.CreatedAt).ThenBy(r => r.Name),
            (_, true) => query.OrderByDescending(r => r.Name),
            _ => query.OrderBy(r => r.Name),
        };
        var items = await ordered.Skip(page.SafeSkip).Take(page.SafeTake)
            .Select(r => new RegistryRow(r.Id, r.Name, r.ImageCount, r.Size, r.CreatedAt, r.CreatedBy))
            .ToListAsync(cancellationToken);
        return new PageOf<RegistryRow>(items, total);
    }

    /// <summary>The registry, or null when there is none of that name.</summary>
    public async Task<RegistryRow?> FindAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewRegistries, name, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.Registries.Where(r => r.Name == name)
            .Select(r => new RegistryRow(r.Id, r.Name, r.ImageCount, r.Size, r.CreatedAt, r.CreatedBy))
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Makes a registry.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.NameInvalid"/>, <see cref="NcrError.Conflict"/>.</exception>
    public async Task<RegistryRow> CreateAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.CreateRegistry, null, cancellationToken);
        if (RegistryName.Explain(name) is { } fault)
        {
            throw new NcrException(NcrError.NameInvalid, fault);
        }

        var row = await _writes.RunAsync((db, token) => AddAsync(db, actor, name, token), cancellationToken);
        _events.Announce(new Change(EventTypes.RegistryCreated, name, null));
        return row;
    }

    /// <summary>The piece of a write transaction that adds a registry.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>.</exception>
    internal async Task<RegistryRow> AddAsync(NcrDbContext db, Actor actor, string name, CancellationToken cancellationToken)
    {
        if (await db.Registries.AnyAsync(r => r.Name == name, cancellationToken))
        {
            throw new NcrException(NcrError.Conflict, $"A registry named '{name}' exists already.");
        }

        var registry = new ContainerRegistry { Name = name, CreatedAt = _clock.GetUtcNow().UtcDateTime, CreatedBy = actor.Name };
        db.Registries.Add(registry);
        _events.Add(db, actor, EventTypes.RegistryCreated, name);
        await db.SaveChangesAsync(cancellationToken);
        return new RegistryRow(registry.Id, name, 0, 0, registry.CreatedAt, registry.CreatedBy);
    }

    /// <summary>Deletes an empty registry.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>; <see cref="NcrError.InUse"/>: it holds images.</exception>
    public async Task DeleteAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.DeleteRegistry, name, cancellationToken);
        await _writes.RunAsync(
            async (db, token) =>
            {
                var id = await BlobLinks.GetRegistryIdAsync(db, name);
                var images = await db.Images.CountAsync(i => i.RegistryId == id && i.PushedAt != null, token);
                if (images > 0)
                {
                    throw new NcrException(NcrError.InUse, $"The registry '{name}' holds {(images == 1 ? "an image" : $"{images} images")}. Delete {(images == 1 ? "it" : "them")} first.");
                }

                // Images that never got a manifest: their links go with them.
                db.TouchAll();
                await CollectionQueue.AddForRegistryAsync(db, id, _clock.GetUtcNow().UtcDateTime);
                await db.Images.Where(i => i.RegistryId == id).ExecuteDeleteAsync(token);
                await db.Registries.Where(r => r.Id == id).ExecuteDeleteAsync(token);
                _events.Add(db, actor, EventTypes.RegistryDeleted, name);
                return true;
            },
            cancellationToken);
        _events.Announce(new Change(EventTypes.RegistryDeleted, name, null));
    }
}
