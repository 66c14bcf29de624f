using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// The first step of a deletion (rule C4): takes links that no artifact needs and nobody used within the grace time, and the rows of blobs
/// whose last link that was. Everything is judged and done in one transaction, so a push, a mount or a deletion is either before it or after it.
/// </summary>
internal sealed class LinkCollector(WriteGate writes, BlobUses uses, NcrOptions options)
{
    /// <summary>Candidates in one transaction: few enough that a push behind it waits for some milliseconds only.</summary>
    internal const int StepSize = 50;

    /// <param name="total">How many blobs it will be, for those who watch; 0 when nobody counted.</param>
    public async Task RunAsync(CollectionRound round, int total, CancellationToken cancellationToken)
    {
        var looked = 0;
        while (!round.IsUnwanted() && round.Now >= uses.HeldUntil)
        {
            round.Report(CollectionPhase.Blobs, looked, total);
            var step = await StepAsync(round.Now, cancellationToken);
            round.AddBlobs(step.Blobs, step.Bytes);
            looked += step.Looked;
            if (step.Looked < StepSize)
            {
                return;
            }

            await round.PaceAsync(step.Looked, cancellationToken);
        }
    }

    private async Task<Step> StepAsync(DateTime now, CancellationToken cancellationToken)
    {
        BlobClaim? claim = null;
        try
        {
            return await writes.RunAsync(
                async (db, token) =>
                {
                    var cutoff = now - options.Collection.Grace;
                    var due = await ReadDueAsync(db, cutoff, token);
                    claim?.Dispose();
                    claim = uses.Claim(due.Select(c => (c.ImageId, c.BlobId)));
                    if (now < uses.HeldUntil)
                    {
                        return new Step(0, 0, 0); // A use that found no room in memory holds them all. Asked after the claim, as the uses are.
                    }

                    foreach (var candidate in due)
                    {
                        await JudgeLinkAsync(db, candidate, cutoff);
                    }

                    var (blobs, bytes) = await TakeUnlinkedAsync(db, [.. due.Select(c => c.BlobId).Distinct()], now, token);
                    return new Step(due.Count, blobs, bytes);
                },
                cancellationToken);
        }
        finally
        {
            claim?.Dispose();
        }
    }

    private static Task<List<Candidate>> ReadDueAsync(NcrDbContext db, DateTime cutoff, CancellationToken cancellationToken) =>
        (from c in db.BlobCandidates.Where(c => c.QueuedAt <= cutoff).OrderBy(c => c.QueuedAt).Take(StepSize)
         join l in db.ImageBlobs on new { c.ImageId, c.BlobId } equals new { l.ImageId, l.BlobId } into links
         from link in links.DefaultIfEmpty()
         join i in db.Images on c.ImageId equals i.Id into images
         from image in images.DefaultIfEmpty()
         select new Candidate(
             c.BlobId,
             c.ImageId,
             (DateTime?)link.UsedAt,
             image.Name,
             image != null && image.PushedAt == null && image.DeletionId == null,
             image != null && db.ArtifactBlobs.Any(a => a.BlobId == c.BlobId && a.RegistryId == image.RegistryId && a.ImageId == image.Id)))
        .ToListAsync(cancellationToken);

    private async Task JudgeLinkAsync(NcrDbContext db, Candidate candidate, DateTime cutoff)
    {
        var (blobId, imageId) = (candidate.BlobId, candidate.ImageId);
        if (candidate.UsedAt is { } usedAt && !candidate.IsNeeded)
        {
            var lastUse = uses.Find(imageId, blobId) is { } inMemory && inMemory > usedAt ? inMemory : usedAt;
            if (lastUse > cutoff)
            {
                await db.Sql.ExecuteAsync("""UPDATE "BlobCandidates" SET "QueuedAt" = @0 WHERE "BlobId" = @1 AND "ImageId" = @2""", lastUse, blobId, imageId);
                return;
            }

            db.Touch(candidate.Image!);
            await db.Sql.ExecuteAsync("""DELETE FROM "ImageBlobs" WHERE "ImageId" = @0 AND "BlobId" = @1""", imageId, blobId);
        }

        if (candidate.IsOfUnpushedImage)
        {
            // An image that never got a manifest is nothing but its links.
            db.Touch(candidate.Image!);
            await db.Sql.ExecuteAsync(
                """DELETE FROM "Images" WHERE "Id" = @0 AND "PushedAt" IS NULL AND "DeletionId" IS NULL AND NOT EXISTS (SELECT 1 FROM "ImageBlobs" WHERE "ImageId" = @0)""", imageId);
        }

        await db.Sql.ExecuteAsync("""DELETE FROM "BlobCandidates" WHERE "BlobId" = @0 AND "ImageId" = @1""", blobId, imageId);
    }

    /// <summary>Each question is a seek, whether a blob has one user or a hundred thousand.</summary>
    private static async Task<(int Blobs, long Bytes)> TakeUnlinkedAsync(NcrDbContext db, long[] blobIds, DateTime now, CancellationToken cancellationToken)
    {
        var unlinked = await db.Blobs.Where(b => blobIds.Contains(b.Id))
            .Where(b => !db.ImageBlobs.Any(l => l.BlobId == b.Id) && !db.ArtifactBlobs.Any(a => a.BlobId == b.Id))
            .Select(b => new { b.Id, b.Location, b.Size })
            .ToListAsync(cancellationToken);
        if (unlinked.Count == 0)
        {
            return (0, 0);
        }

        var ids = unlinked.Select(b => b.Id).ToArray();
        await db.Blobs.Where(b => ids.Contains(b.Id)).ExecuteDeleteAsync(cancellationToken);
        unlinked.ForEach(b => CollectionQueue.Discard(db, b.Location, b.Size, now));
        return (unlinked.Count, unlinked.Sum(b => b.Size));
    }

    private sealed record Candidate(long BlobId, long ImageId, DateTime? UsedAt, string? Image, bool IsOfUnpushedImage, bool IsNeeded);

    private sealed record Step(int Looked, int Blobs, long Bytes);
}
