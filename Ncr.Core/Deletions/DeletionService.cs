using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Paging;

namespace Ncr.Core.Deletions;

/// <summary>What was deleted lately, and the way back.</summary>
public sealed class DeletionService
{
    private static readonly SortColumn<Deletion>[] Columns = [new SortColumn<Deletion, long>(d => d.Id) { Name = nameof(DeletionRow.At) }];

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly Restorer _restorer;
    private readonly DeletionPurger _purger;
    private readonly NcrOptions _options;
    private readonly TimeProvider _clock;

    internal DeletionService(
        IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, EventLog events, Restorer restorer, DeletionPurger purger, NcrOptions options, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _events = events;
        _restorer = restorer;
        _purger = purger;
        _options = options;
        _clock = clock;
    }

    /// <summary>How long what is deleted can be restored; zero when not at all.</summary>
    public TimeSpan RestoreTime => _options.Deletion.RestoreTime;

    /// <summary>A page of what can be restored, the last deleted first. The search looks at the names of registries, images and tags.</summary>
    public async Task<PageOf<DeletionRow>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewImages, null, cancellationToken);
        var visible = await _access.RegistriesAsync(actor, Permission.ViewImages, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var now = _clock.GetUtcNow().UtcDateTime;
        var query = db.Deletions.Where(d => d.ExpiresAt > now);
        if (visible.Names is { } names)
        {
            query = query.Where(d => names.Contains(d.Registry));
        }

        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var pattern = LikePattern.Contains(page.Search);
            query = query.Where(d => EF.Functions.Like(d.Registry, pattern, LikePattern.Escape) || EF.Functions.Like(d.Image!, pattern, LikePattern.Escape)
                || EF.Functions.Like(d.Tag!, pattern, LikePattern.Escape) || EF.Functions.Like(d.Tags!, pattern, LikePattern.Escape));
        }

        var found = await Keyset.FindAsync(query, page, d => d.Id, Columns, descendingFirst: true, total: null, cancellationToken);
        var rows = await db.Deletions.Where(d => found.Items.Contains(d.Id))
            .Select(d => new DeletionRow(d.Id, d.Kind, d.Registry, d.Image, d.Tag, d.Digest, d.Tags, d.At, d.By, d.ExpiresAt, d.ArtifactCount, d.TagCount, d.Size))
            .ToDictionaryAsync(d => d.Id, cancellationToken);
        return found.With([.. found.Items.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>How much room is taken by what can be restored.</summary>
    public async Task<HeldDeletions> GetHeldAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var now = _clock.GetUtcNow().UtcDateTime;
        return await db.Deletions.Where(d => d.ExpiresAt > now).GroupBy(_ => 1)
            .Select(g => new HeldDeletions(g.Count(), g.Sum(d => d.Size), g.Min(d => (DateTime?)d.ExpiresAt)))
            .SingleOrDefaultAsync(cancellationToken) ?? new HeldDeletions(0, 0, null);
    }

    /// <summary>Brings something back, with its tags. What has been pushed since then stays as it is.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.NotFound"/>: it can't be restored any more; <see cref="NcrError.Conflict"/>: something else has to come back or go first.</exception>
    public async Task<RestoreResult> RestoreAsync(Actor actor, long deletionId, CancellationToken cancellationToken)
    {
        await RequireAsync(actor, deletionId, cancellationToken);
        var result = await _writes.RunAsync(
            async (db, token) =>
            {
                var now = _clock.GetUtcNow().UtcDateTime;
                var deletion = await db.Deletions.FirstOrDefaultAsync(d => d.Id == deletionId && d.ExpiresAt > now, token) ?? throw Gone();
                return await _restorer.RestoreAsync(db, actor, deletion, token);
            },
            cancellationToken);
        _access.Forget();
        _events.Announce(new Change(EventTypes.DeletionEnded, result.Registry, result.Image));
        return result;
    }

    /// <summary>Deletes something for good before its time, so that its content can be collected.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.NotFound"/>.</exception>
    public async Task PurgeAsync(Actor actor, long deletionId, CancellationToken cancellationToken)
    {
        await RequireAsync(actor, deletionId, cancellationToken);
        await _writes.RunAsync(
            async (db, token) =>
            {
                var deletion = await db.Deletions.FirstOrDefaultAsync(d => d.Id == deletionId, token) ?? throw Gone();
                var what = deletion.Kind == DeletionKind.Tag ? $"the tag {deletion.Tag}" : $"with {deletion.ArtifactCount} artifacts and {deletion.TagCount} tags"; // In the event's own tag it would be a part of that tag's history.
                _events.Add(db, actor, EventTypes.DeletionPurged, deletion.Registry, deletion.Image, digest: deletion.Digest, details: $"{what}, deleted by {deletion.By}");
                return true;
            },
            cancellationToken);
        await _purger.PurgeAsync(deletionId, cancellationToken);
    }

    private async Task RequireAsync(Actor actor, long deletionId, CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var registry = await db.Deletions.Where(d => d.Id == deletionId).Select(d => d.Registry).FirstOrDefaultAsync(cancellationToken);
        await _access.RequireAsync(actor, Permission.RestoreDeleted, registry, cancellationToken);
        if (registry is null)
        {
            throw Gone();
        }
    }

    private static NcrException Gone() => new(NcrError.NotFound, "It can't be restored any more: its time is over, or somebody restored or deleted it for good.");
}
