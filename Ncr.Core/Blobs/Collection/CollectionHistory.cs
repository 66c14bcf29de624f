using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Paging;

namespace Ncr.Core.Blobs.Collection;

/// <summary>The rounds of collection that are remembered.</summary>
internal sealed class CollectionHistory(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes)
{
    private static readonly SortColumn<CollectionRun>[] Columns = [new SortColumn<CollectionRun, long>(r => r.Id) { Name = nameof(CollectionRunRow.StartedAt) }];

    internal const int MaxRuns = 1000;

    /// <returns>The run's number. The oldest run goes when there are too many.</returns>
    public Task<long> AddAsync(CollectionRunRow row, CancellationToken cancellationToken) =>
        writes.RunAsync(
            async (db, token) =>
            {
                var run = new CollectionRun { StartedAt = row.StartedAt };
                Fill(run, row);
                db.CollectionRuns.Add(run);
                await db.SaveChangesAsync(token);
                await db.CollectionRuns.Where(r => r.Id <= run.Id - MaxRuns).ExecuteDeleteAsync(token);
                return run.Id;
            },
            cancellationToken);

    public Task UpdateAsync(CollectionRunRow row, CancellationToken cancellationToken) =>
        writes.RunAsync(
            async (db, token) =>
            {
                if (await db.CollectionRuns.AsTracking().FirstOrDefaultAsync(r => r.Id == row.Id, token) is { } run)
                {
                    Fill(run, row);
                }

                return true;
            },
            cancellationToken);

    /// <summary>The last one first.</summary>
    public async Task<PageOf<CollectionRunRow>> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
        var found = await Keyset.FindAsync(db.CollectionRuns, page, r => r.Id, Columns, descendingFirst: true, total: null, cancellationToken);
        var rows = await db.CollectionRuns.Where(r => found.Items.Contains(r.Id)).OrderByDescending(r => r.Id)
            .Select(r => new CollectionRunRow(r.Id, r.StartedAt, r.EndedAt, r.StartedBy, r.IsDryRun, r.Blobs, r.BlobBytes, r.Uploads, r.UploadBytes, r.Orphans, r.OrphanBytes, r.Error))
            .ToListAsync(cancellationToken);
        return found.With(rows);
    }

    private static void Fill(CollectionRun run, CollectionRunRow row)
    {
        run.EndedAt = row.EndedAt;
        run.StartedBy = row.StartedBy;
        run.IsDryRun = row.IsDryRun;
        (run.Blobs, run.BlobBytes) = (row.Blobs, row.BlobBytes);
        (run.Uploads, run.UploadBytes) = (row.Uploads, row.UploadBytes);
        (run.Orphans, run.OrphanBytes) = (row.Orphans, row.OrphanBytes);
        run.Error = row.Error;
    }
}
