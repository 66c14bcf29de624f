using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Data;
using Ncr.Core.Hosting;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Figures;

/// <summary>How the server stands, from figures that the writes keep up: no table grows what it costs.</summary>
public sealed class OverviewService
{
    private const int ActivityShown = 15;
    private const int OldKeysShown = 20;

    /// <summary>Nobody waits for the first count of many blobs after a start.</summary>
    private static readonly TimeSpan CountPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestNotice = TimeSpan.FromDays(1);

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly AccessService _access;
    private readonly ServerFigures _figures;
    private readonly DiskSpace _disk;
    private readonly Collector _collector;
    private readonly IntegrityService _integrity;
    private readonly NcrOptions _options;
    private readonly TimeProvider _clock;

    internal OverviewService(
        IDbContextFactory<NcrDbContext> dbFactory, AccessService access, ServerFigures figures, DiskSpace disk, Collector collector, IntegrityService integrity, NcrOptions options, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _access = access;
        _figures = figures;
        _disk = disk;
        _collector = collector;
        _integrity = integrity;
        _options = options;
        _clock = clock;
    }

    /// <summary>All of it. What the actor may not know is left out.</summary>
    public async Task<Overview> GetAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewRegistries, null, cancellationToken);
        var managesStorage = await _access.IsAllowedAsync(actor, Permission.ManageStorage, null, cancellationToken);
        var now = _clock.GetUtcNow().UtcDateTime;
        var today = DateOnly.FromDateTime(now);
        var stored = managesStorage ? await _figures.FindStoredAsync(CountPatience, cancellationToken) : null;
        var disk = managesStorage && _disk.Read() is { Free: >= 0 } room ? new DiskRoom(room.Free, room.Size, _disk.MinFree) : null;
        var check = managesStorage ? await _integrity.GetStatusAsync(actor, cancellationToken) : null;
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var visible = await _access.RegistriesAsync(actor, Permission.ViewRegistries, cancellationToken);
        var names = visible.Names ?? new HashSet<string>();
        var registries = visible.IsAll ? null : await db.Registries.Where(r => names.Contains(r.Name)).Select(r => r.Id).ToListAsync(cancellationToken);
        var totals = await db.Registries.Where(r => r.DeletionId == null && (visible.IsAll || names.Contains(r.Name))).GroupBy(_ => 1)
            .Select(g => new { Count = g.Count(), Images = g.Sum(r => (long)r.ImageCount) }).SingleOrDefaultAsync(cancellationToken);
        var attention = new Attention(
            await ListOldKeysAsync(db, actor, now, cancellationToken),
            disk is { IsNearlyFull: true } ? disk : null,
            check?.DamagedCount ?? 0,
            managesStorage ? await FindFailedCollectionAsync(db, now, cancellationToken) : null,
            check is { Last.Error: not null } ? check.Last : null);
        return new Overview(
            totals?.Count ?? 0,
            totals?.Images ?? 0,
            stored,
            disk,
            await ListDaysAsync(db, registries, today, cancellationToken),
            managesStorage ? await ListStorageAsync(db, today, stored, cancellationToken) : [],
            await ActivityReader.ReadAsync(db, _access, actor, ActivityShown, cancellationToken),
            managesStorage && _collector.Running is { SoFar.StartedBy: not null } running ? running : null,
            check is { Current: not null } ? check : null,
            attention);
    }

    /// <param name="db">The database.</param>
    /// <param name="registries">Only of these; null for all.</param>
    /// <param name="first">The first day.</param>
    /// <param name="last">The last.</param>
    internal static IQueryable<DayCount> Days(NcrDbContext db, IReadOnlyList<long>? registries, DateOnly first, DateOnly last) =>
        (registries is null ? db.DailyFigures : db.DailyFigures.Where(f => registries.Contains(f.RegistryId))).Where(f => f.Day >= first && f.Day <= last).GroupBy(f => f.Day).Select(g => new DayCount(g.Key, g.Sum(f => f.Pushes), g.Sum(f => f.Pulls)));

    private static async Task<IReadOnlyList<DayCount>> ListDaysAsync(NcrDbContext db, IReadOnlyList<long>? registries, DateOnly today, CancellationToken cancellationToken)
    {
        var first = today.AddDays(1 - Overview.DaysCounted);
        var known = await Days(db, registries, first, today).ToDictionaryAsync(d => d.Day, cancellationToken);
        return [.. Enumerable.Range(0, Overview.DaysCounted).Select(i => first.AddDays(i)).Select(day => known.GetValueOrDefault(day) ?? new DayCount(day, 0, 0))];
    }

    private static async Task<IReadOnlyList<StoredOnDay>> ListStorageAsync(NcrDbContext db, DateOnly today, StoredAmount? stored, CancellationToken cancellationToken)
    {
        var first = today.AddDays(1 - Overview.DaysOfStorage);
        var known = await db.StorageSamples.Where(s => s.Day >= first && s.Day <= today).OrderBy(s => s.Day).Select(s => new StoredOnDay(s.Day, s.Size)).ToListAsync(cancellationToken);
        return stored is null ? known : [.. known.Where(s => s.Day != today), new StoredOnDay(today, stored.Bytes)];
    }

    private async Task<IReadOnlyList<OldKeyRow>> ListOldKeysAsync(NcrDbContext db, Actor actor, DateTime now, CancellationToken cancellationToken)
    {
        var seesAll = await _access.IsAllowedAsync(actor, Permission.ManageUsers, null, cancellationToken);
        var limit = now - AccessKeyRow.RecommendedAge;
        return await db.AccessKeys.Where(k => k.IsEnabled && !k.User!.IsDisabled && k.SecretCreatedAt < limit && (seesAll || k.UserId == actor.UserId))
            .OrderByDescending(k => k.UserId == actor.UserId).ThenBy(k => k.SecretCreatedAt).Take(OldKeysShown)
            .Select(k => new OldKeyRow(k.Key, k.User!.Name, k.UserId == actor.UserId, k.SecretCreatedAt)).ToListAsync(cancellationToken);
    }

    /// <remarks>A round by itself that frees nothing and does not fail leaves no row: a failure that no later one has repeated is over.</remarks>
    private async Task<CollectionRunRow?> FindFailedCollectionAsync(NcrDbContext db, DateTime now, CancellationToken cancellationToken)
    {
        var repeated = _options.Collection.Interval * 2;
        var limit = now - (repeated > ShortestNotice ? repeated : ShortestNotice);
        var last = await db.CollectionRuns.Where(r => r.EndedAt != null).OrderByDescending(r => r.Id)
            .Select(r => new CollectionRunRow(r.Id, r.StartedAt, r.EndedAt, r.StartedBy, r.IsDryRun, r.Blobs, r.BlobBytes, r.Uploads, r.UploadBytes, r.Orphans, r.OrphanBytes, r.Error))
            .FirstOrDefaultAsync(cancellationToken);
        return last is { Error: not null } && last.EndedAt > limit ? last : null;
    }
}
