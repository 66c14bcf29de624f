using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Paging;

namespace Ncr.Core.Audit;

/// <summary>
/// What was done, by whom, from where and when. Who may see the audit of registries sees what was done in those; what belongs to no registry (users, sign-ins, keys,
/// the storage) is for those who manage users. Nothing here changes or deletes.
/// </summary>
public sealed class AuditService
{
    /// <summary>Names given at once.</summary>
    public const int MaxNames = 500;

    private const int ExportStep = 1000;

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly AccessService _access;
    private readonly AuditOptions _options;

    internal AuditService(IDbContextFactory<NcrDbContext> dbFactory, AccessService access, NcrOptions options)
    {
        _dbFactory = dbFactory;
        _access = access;
        _options = options.Audit;
    }

    /// <summary>How long events are kept; zero for ever.</summary>
    public TimeSpan KeepFor => _options.KeepFor;

    /// <summary>How long pulls are kept; zero for as long as the rest.</summary>
    public TimeSpan KeepPullsFor => _options.KeepPullsFor;

    /// <summary>A page of what was done, the last first.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: one may see it nowhere.</exception>
    public async Task<PageOf<AuditRow>> ListAsync(Actor actor, AuditFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var view = await RequireAsync(actor, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        if (await EventRange.FindAsync(db, filter.From, filter.Until, cancellationToken) is not { } range)
        {
            return new PageOf<AuditRow>([], 0);
        }

        var found = await AuditPager.FindAsync(new EventFinder(db, view.Streams(db, filter), filter.Image), range, page, cancellationToken);
        return found.With(await WithPresenceAsync(db, await ReadAsync(db, found.Items, cancellationToken), cancellationToken));
    }

    /// <summary>All that a filter selects, the last first, in constant memory: it is read in pages, and between them neither the database nor the rights are held.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: one may see it nowhere, or, in its course, not any more.</exception>
    public async IAsyncEnumerable<AuditRow> ReadAllAsync(Actor actor, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = long.MaxValue;
        while (true)
        {
            var (rows, last) = await ReadStepAsync(actor, filter, end, cancellationToken);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (last is null)
            {
                yield break;
            }

            end = last.Value;
        }
    }

    /// <summary>Names of those who did something that the actor may see, in order: at most <see cref="MaxNames"/>.</summary>
    public Task<IReadOnlyList<string>> ListActorsAsync(Actor actor, CancellationToken cancellationToken) => ListNamesAsync(actor, s => s.Actor, cancellationToken);

    /// <summary>Names of registries that something was done in that the actor may see, in order, also of those that are gone: at most <see cref="MaxNames"/>.</summary>
    public Task<IReadOnlyList<string>> ListRegistriesAsync(Actor actor, CancellationToken cancellationToken) => ListNamesAsync(actor, s => s.Registry, cancellationToken);

    private async Task<IReadOnlyList<string>> ListNamesAsync(Actor actor, Expression<Func<EventStream, string>> name, CancellationToken cancellationToken)
    {
        var view = await RequireAsync(actor, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return await (view.Streams(db, AuditFilter.None) ?? db.EventStreams).Select(name).Where(n => n != "").Distinct().OrderBy(n => n).Take(MaxNames).ToListAsync(cancellationToken);
    }

    /// <returns>The rows, and the id that the next step goes on from; null when there is none. It goes by what was found, not by the rows: some of them may have been too old to keep meanwhile.</returns>
    private async Task<(IReadOnlyList<AuditRow> Rows, long? Last)> ReadStepAsync(Actor actor, AuditFilter filter, long end, CancellationToken cancellationToken)
    {
        var view = await RequireAsync(actor, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        if (await EventRange.FindAsync(db, filter.From, filter.Until, cancellationToken) is not { } range)
        {
            return ([], null);
        }

        var part = range with { End = Math.Min(range.End, end) };
        var ids = await new EventFinder(db, view.Streams(db, filter), filter.Image).FindAsync(part, ExportStep, newestFirst: true, cancellationToken);
        return (await ReadAsync(db, ids, cancellationToken), ids.Count < ExportStep ? null : ids[^1]);
    }

    private async Task<AuditView> RequireAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ViewAudit, null, cancellationToken);
        return new AuditView(
            await _access.RegistriesAsync(actor, Permission.ViewAudit, cancellationToken),
            await _access.IsAllowedAsync(actor, Permission.ManageUsers, null, cancellationToken));
    }

    /// <summary>Rows by their ids, in that order; those that went meanwhile are left out.</summary>
    private static async Task<IReadOnlyList<AuditRow>> ReadAsync(NcrDbContext db, IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        var rows = await db.Events.Where(e => ids.Contains(e.Id))
            .Select(e => new AuditRow(e.Id, e.Type, e.At, e.Actor, e.Address, e.Registry, e.Image, e.Tag, e.Digest, e.Details))
            .ToDictionaryAsync(e => e.Id, cancellationToken);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id])];
    }

    private static async Task<IReadOnlyList<AuditRow>> WithPresenceAsync(NcrDbContext db, IReadOnlyList<AuditRow> rows, CancellationToken cancellationToken)
    {
        var registries = rows.Select(r => r.Registry).OfType<string>().Distinct().ToList();
        var images = rows.Select(r => r.Image).OfType<string>().Distinct().ToList();
        var digests = rows.Where(r => r.Image is not null).Select(r => r.Digest).OfType<string>().Distinct().ToList();
        var registriesThere = (await db.Registries.Where(r => registries.Contains(r.Name)).Select(r => r.Name).ToListAsync(cancellationToken)).ToHashSet();
        var imagesThere = await db.Images.Where(i => images.Contains(i.Name) && i.PushedAt != null).Select(i => new { i.Id, i.Name }).ToDictionaryAsync(i => i.Id, i => i.Name, cancellationToken);
        var imageIds = imagesThere.Keys.ToList();
        var artifactsThere = (await db.Artifacts.Where(a => imageIds.Contains(a.ImageId) && digests.Contains(a.Digest)).Select(a => new { a.ImageId, a.Digest }).ToListAsync(cancellationToken))
            .Select(a => (imagesThere[a.ImageId], a.Digest)).ToHashSet();
        return
        [
            .. rows.Select(r => r with
            {
                IsRegistryThere = r.Registry is { } registry && registriesThere.Contains(registry),
                IsImageThere = r.Image is { } image && imagesThere.ContainsValue(image),
                IsArtifactThere = r is { Image: { } of, Digest: { } digest } && artifactsThere.Contains((of, digest)),
            }),
        ];
    }
}
