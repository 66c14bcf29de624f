using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Images;
using Ncr.Core.Paging;

namespace Ncr.Core.Blobs.Integrity;

/// <summary>Checking stored content against what it should be, and what was found.</summary>
public sealed class IntegrityService
{
    private const int TagsShown = 5;
    private static readonly TimeSpan ShortestEstimate = TimeSpan.FromSeconds(2);

    private static readonly SortColumn<Blob>[] DamagedColumns = [new SortColumn<Blob, DateTime?>(b => b.DamagedAt) { Name = nameof(DamagedBlobRow.DamagedAt) }];
    private static readonly SortColumn<Artifact>[] HitColumns = [new SortColumn<Artifact, string>(a => a.Image!.Name) { Name = nameof(HitArtifactRow.Image) }];

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly AccessService _access;
    private readonly IntegrityRunner _runner;
    private readonly IntegrityCheck _check;
    private readonly WriteGate _writes;
    private readonly EventLog _events;
    private readonly NcrOptions _options;
    private readonly TimeProvider _clock;

    internal IntegrityService(IDbContextFactory<NcrDbContext> dbFactory, AccessService access, IntegrityRunner runner, IntegrityCheck check, WriteGate writes, EventLog events, NcrOptions options, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _access = access;
        _runner = runner;
        _check = check;
        _writes = writes;
        _events = events;
        _options = options;
        _clock = clock;
    }

    /// <summary>Starts a check in the background.</summary>
    /// <param name="isQuick">Presence and length only; else everything is read back.</param>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: one is under way.</exception>
    public async Task StartAsync(Actor actor, bool isQuick, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        await _runner.AddAsync(isQuick, actor.Name, cancellationToken);
        await RecordAsync(actor, EventTypes.IntegrityStarted, isQuick ? "quick: presence and length" : "full: everything is read back");
    }

    /// <summary>Ends the check under way; what it found stays.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: none is under way.</exception>
    public async Task StopAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        if (!_runner.Stop(actor.Name))
        {
            throw new NcrException(NcrError.Conflict, "No check is under way.");
        }

        await RecordAsync(actor, EventTypes.IntegrityStopped, null);
    }

    /// <summary>Looks again at what is known to be damaged, after a backup was put back.</summary>
    /// <returns>How many blobs are whole again.</returns>
    public async Task<int> RecheckAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        return await _check.RecheckAsync(new Pacer(_options.Integrity.Pace, _clock), cancellationToken);
    }

    public async Task<IntegrityStatus> GetStatusAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var current = await LastAsync(db.IntegrityRuns.Where(r => r.EndedAt == null), cancellationToken);
        var last = await LastAsync(db.IntegrityRuns.Where(r => r.EndedAt != null), cancellationToken);
        var lastFull = last is { IsQuick: false, Error: null } ? last : await LastAsync(db.IntegrityRuns.Where(r => r.EndedAt != null && !r.IsQuick && r.Error == null), cancellationToken);
        var damaged = await db.Blobs.CountAsync(b => b.DamagedAt != null, cancellationToken);
        var next = await _runner.FindNextAsync(cancellationToken);
        if (current is not null && _runner.Current is { } tally && tally.RunId == current.Id)
        {
            current = current with { Blobs = tally.Blobs, Bytes = tally.Bytes, Manifests = tally.Manifests, Damaged = tally.Damaged };
            return new IntegrityStatus(current, tally.TotalBytes, Estimate(tally), last, lastFull, next, damaged);
        }

        return new IntegrityStatus(current, current?.Bytes ?? 0, null, last, lastFull, next, damaged);
    }

    /// <summary>Damaged blobs, the last found first; the search is for digests.</summary>
    public async Task<PageOf<DamagedBlobRow>> ListDamagedAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var query = db.Blobs.Where(b => b.DamagedAt != null);
        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            query = query.Where(b => EF.Functions.Like(b.Digest, LikePattern.Contains(page.Search), LikePattern.Escape));
        }

        var found = await Keyset.FindAsync(query, page, b => b.Id, DamagedColumns, descendingFirst: true, total: null, cancellationToken);
        var rows = await db.Blobs.Where(b => found.Items.Contains(b.Id))
            .Select(b => new { b.Id, Row = new DamagedBlobRow(b.Digest, b.Size, b.DamagedAt!.Value, b.Damage ?? "", db.ArtifactBlobs.Count(a => a.BlobId == b.Id)) })
            .ToDictionaryAsync(b => b.Id, b => b.Row, cancellationToken);
        return found.With([.. found.Items.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>The artifacts that a damaged blob breaks, by image.</summary>
    public async Task<PageOf<HitArtifactRow>> ListHitAsync(Actor actor, Digest blob, PageRequest page, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageStorage, null, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var blobId = await db.Blobs.Where(b => b.Digest == blob.ToString()).Select(b => b.Id).FirstOrDefaultAsync(cancellationToken);
        var direct = db.ArtifactBlobs.Where(b => b.BlobId == blobId).Select(b => b.ArtifactId);
        var indexes = from use in db.ArtifactBlobs
                      where use.BlobId == blobId
                      join artifact in db.Artifacts on use.ArtifactId equals artifact.Id
                      join child in db.ArtifactChildren on new { artifact.ImageId, artifact.Digest } equals new { child.ImageId, child.Digest }
                      select child.ParentId;
        var query = db.Artifacts.Where(a => direct.Union(indexes).Contains(a.Id) && a.Image!.DeletionId == null);
        var found = await Keyset.FindAsync(query, page, a => a.Id, HitColumns, descendingFirst: false, total: null, cancellationToken);
        var rows = await db.Artifacts.Where(a => found.Items.Contains(a.Id)).OrderBy(a => a.Image!.Name).ThenBy(a => a.Id)
            .Select(a => new
            {
                a.Image!.Name,
                a.Digest,
                Tags = db.Tags.Where(t => t.ArtifactId == a.Id).OrderBy(t => t.Name).Select(t => t.Name).Take(TagsShown).ToList(),
                TagCount = db.Tags.Count(t => t.ArtifactId == a.Id),
            })
            .ToListAsync(cancellationToken);
        return found.With([.. rows.Select(r => new HitArtifactRow(r.Name, r.Digest, r.Tags, r.TagCount))]);
    }

    private static Task<IntegrityRunRow?> LastAsync(IQueryable<IntegrityRun> runs, CancellationToken cancellationToken) =>
        runs.OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id)
            .Select(r => new IntegrityRunRow(r.Id, r.IsQuick, r.StartedAt, r.EndedAt, r.StartedBy, r.Blobs, r.Bytes, r.Manifests, r.Damaged, r.Error))
            .FirstOrDefaultAsync(cancellationToken);

    private TimeSpan? Estimate(IntegrityTally tally)
    {
        var spent = _clock.GetElapsedTime(tally.StartedAt);
        var done = tally.Bytes - tally.FirstBytes;
        return done <= 0 || spent < ShortestEstimate ? null : spent / done * Math.Max(0, tally.TotalBytes - tally.Bytes);
    }

    private async Task RecordAsync(Actor actor, string type, string? details)
    {
        await _writes.RunAsync(
            (db, _) =>
            {
                _events.Add(db, actor, type, details: details);
                return Task.FromResult(true);
            },
            CancellationToken.None);
        _events.Announce(new Change(type, null, null));
    }
}
