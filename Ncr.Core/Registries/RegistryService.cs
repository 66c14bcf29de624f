using System.Collections.Concurrent;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Deletions;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Registries;

/// <summary>Registries: the spaces that images live in.</summary>
public sealed class RegistryService
{
    /// <summary>Characters of a description.</summary>
    public const int MaxDescription = 500;

    private static readonly Expression<Func<ContainerRegistry, RegistryRow>> Row = r => new RegistryRow(
        r.Id, r.Name, new RegistrySettings(r.Description, r.IsPublicUriOn, r.Networks, r.AllowsAnonymousPull, r.RecordsPulls), r.ImageCount, r.Size, r.CreatedAt, r.CreatedBy);

    private static readonly SortColumn<ContainerRegistry>[] Columns =
    [
        new SortColumn<ContainerRegistry, string>(r => r.Name) { Name = nameof(RegistryRow.Name) },
        new SortColumn<ContainerRegistry, int>(r => r.ImageCount) { Name = nameof(RegistryRow.ImageCount) },
        new SortColumn<ContainerRegistry, long>(r => r.Size) { Name = nameof(RegistryRow.Size) },
        new SortColumn<ContainerRegistry, DateTime>(r => r.CreatedAt) { Name = nameof(RegistryRow.CreatedAt) },
    ];

    /// <summary>How long a registry's usage is good for: it is looked up by looking at each blob.</summary>
    private static readonly TimeSpan UsageLifetime = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, (DateTime At, Task<long> OwnSize)> _ownSizes = new();
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly PrivateEntrance _entrance;
    private readonly EventLog _events;
    private readonly PutAway _putAway;
    private readonly DeletionPurger _purger;
    private readonly TimeProvider _clock;

    internal RegistryService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, PrivateEntrance entrance, EventLog events, PutAway putAway, DeletionPurger purger, TimeProvider clock)
    {
        _putAway = putAway;
        _purger = purger;
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _entrance = entrance;
        _events = events;
        _clock = clock;
    }

    /// <summary>A page of the registries. Sort by Name (the list's own order), ImageCount, Size or CreatedAt.</summary>
    public async Task<PageOf<RegistryRow>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewRegistries, null, cancellationToken);
        var visible = await _access.RegistriesAsync(actor, Permission.ViewRegistries, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var query = db.Registries.Where(r => r.DeletionId == null);
        if (visible.Names is { } names)
        {
            query = query.Where(r => names.Contains(r.Name));
        }

        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var pattern = LikePattern.Contains(page.Search);
            query = query.Where(r => EF.Functions.Like(r.Name, pattern, LikePattern.Escape));
        }

        var found = await Keyset.FindAsync(query, page, r => r.Id, Columns, descendingFirst: false, total: null, cancellationToken);
        var rows = await db.Registries.Where(r => found.Items.Contains(r.Id)).Select(Row).ToDictionaryAsync(r => r.Id, cancellationToken);
        return found.With([.. found.Items.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>The registry, or null when there is none of that name.</summary>
    public async Task<RegistryRow?> FindAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewRegistries, name, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.Registries.Where(r => r.Name == name)
            .Select(Row)
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>What of a registry's size others need, too; null when there is no such registry. It looks at each blob once, so it is asked for apart, and may be a minute old.</summary>
    public async Task<RegistryUsage?> GetUsageAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewRegistries, name, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var registry = await db.Registries.Where(r => r.Name == name).Select(r => new { r.Id, r.Size }).FirstOrDefaultAsync(cancellationToken);
        if (registry is null)
        {
            return null;
        }

        // Pages that are opened together ask once; on another thread, since SQLite answers on the one that asks, and theirs draws them.
        var now = _clock.GetUtcNow().UtcDateTime;
        var (_, ownSize) = _ownSizes.AddOrUpdate(
            registry.Id,
            id => (now, Task.Run(() => CountOwnAsync(id))),
            (id, known) => now - known.At < UsageLifetime && !known.OwnSize.IsFaulted ? known : (now, Task.Run(() => CountOwnAsync(id))));
        var own = await ownSize;
        return new RegistryUsage(own, Math.Max(0, registry.Size - own));
    }

    private async Task<long> CountOwnAsync(long registryId)
    {
        await using var db = await _dbFactory.CreateDbContextAsync();
        return await LooseBytes.OfRegistryAsync(db, registryId, CancellationToken.None);
    }

    /// <summary>Makes a registry.</summary>
    /// <param name="actor">Who makes it.</param>
    /// <param name="name">Its name, by <see cref="RegistryName"/>.</param>
    /// <param name="settings">What was chosen; null for nothing.</param>
    /// <param name="cancellationToken">Ends the wait before anything was made.</param>
    /// <exception cref="NcrException"><see cref="NcrError.NameInvalid"/>, <see cref="NcrError.Conflict"/>.</exception>
    public async Task<RegistryRow> CreateAsync(Actor actor, string name, RegistrySettings? settings, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.CreateRegistry, null, cancellationToken);
        if (RegistryName.Explain(name) is { } fault)
        {
            throw new NcrException(NcrError.NameInvalid, fault);
        }

        var wanted = Check(settings ?? RegistrySettings.None, RegistrySettings.None);
        var row = await _writes.RunAsync((db, token) => AddAsync(db, actor, name, wanted, token), cancellationToken);
        _access.Forget();
        _events.Announce(new Change(EventTypes.RegistryCreated, name, null));
        return row;
    }

    /// <summary>The piece of a write transaction that adds a registry.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>.</exception>
    internal async Task<RegistryRow> AddAsync(NcrDbContext db, Actor actor, string name, RegistrySettings settings, CancellationToken cancellationToken)
    {
        if (await db.Registries.AnyAsync(r => r.Name == name, cancellationToken))
        {
            throw new NcrException(NcrError.Conflict, $"A registry named '{name}' exists already.");
        }

        var registry = new ContainerRegistry { Name = name, Settings = settings, CreatedAt = _clock.GetUtcNow().UtcDateTime, CreatedBy = actor.Name };
        db.Registries.Add(registry);
        _events.Add(db, actor, EventTypes.RegistryCreated, name, details: settings.Against(RegistrySettings.None) is { Length: > 0 } chosen ? chosen : null);
        await db.SaveChangesAsync(cancellationToken);
        return new RegistryRow(registry.Id, name, settings, 0, 0, registry.CreatedAt, registry.CreatedBy);
    }

    /// <summary>Changes what can be chosen of a registry. It counts at once, for tokens given out and pushes that run as well.</summary>
    /// <param name="actor">Who changes it.</param>
    /// <param name="name">The registry.</param>
    /// <param name="settings">All of it, what stays as it is too.</param>
    /// <param name="cancellationToken">Ends the wait before anything was changed.</param>
    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>, <see cref="NcrError.Invalid"/>, <see cref="NcrError.Conflict"/>: nobody could reach it then.</exception>
    public async Task ChangeAsync(Actor actor, string name, RegistrySettings settings, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ChangeRegistry, name, cancellationToken);
        await _writes.RunAsync(
            async (db, token) =>
            {
                var registry = await db.Registries.AsTracking().FirstOrDefaultAsync(r => r.Name == name, token) ?? throw BlobLinks.RegistryUnknown(name);
                var before = registry.Settings;
                var wanted = Check(settings, before);
                if (wanted != before)
                {
                    _events.Add(db, actor, EventTypes.RegistryChanged, name, details: wanted.Against(before));
                    registry.Settings = wanted;
                }

                return true;
            },
            cancellationToken);
        _access.Forget();
        _events.Announce(new Change(EventTypes.RegistryChanged, name, null));
    }

    /// <summary>Deletes a registry with everything in it.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>.</exception>
    public async Task DeleteAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.DeleteRegistry, name, cancellationToken);
        var deletion = await _writes.RunAsync(
            async (db, token) =>
            {
                var registry = await db.Registries.AsTracking().FirstOrDefaultAsync(r => r.Name == name, token) ?? throw BlobLinks.RegistryUnknown(name);
                return await _putAway.RegistryAsync(db, actor, registry, token);
            },
            cancellationToken);
        _access.Forget();
        _events.Announce(new Change(EventTypes.RegistryDeleted, name, null));
        await _purger.FollowAsync(deletion);
    }

    private RegistrySettings Check(RegistrySettings settings, RegistrySettings before) =>
        before.IsPublicUriOn && !settings.IsPublicUriOn && !_entrance.Exists
            ? throw new NcrException(
                NcrError.Conflict,
                "Without its public URI nobody could reach the registry: this server has neither a private listener nor private networks. Set Ncr:Private:Urls or Ncr:Private:Networks first.")
            : settings.Checked();
}
