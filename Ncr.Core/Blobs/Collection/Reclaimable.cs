using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Blobs.Collection;

/// <summary>What could be freed. The queries go through the candidates, so their cost follows the garbage and not what is kept.</summary>
internal sealed record Reclaimable(StoredAmount Now, StoredAmount Later, DateTime? NextAt, DateTime? LastAt)
{
    public static async Task<Reclaimable> ReadAsync(NcrDbContext db, BlobUses uses, DateTime now, TimeSpan grace, CancellationToken cancellationToken)
    {
        var cutoff = now < uses.HeldUntil ? DateTime.MinValue : now - grace;

        // A blob goes when the last of its links may; one that any artifact needs does not. Uses that are only in memory are a few seconds old at most.
        var found = (await db.Database.SqlQuery<Figures>(
            $"""
            SELECT COUNT(CASE WHEN c."At" <= {cutoff} THEN 1 END) AS "NowCount", COALESCE(SUM(CASE WHEN c."At" <= {cutoff} THEN b."Size" END), 0) AS "NowBytes",
                   COUNT(CASE WHEN c."At" > {cutoff} THEN 1 END) AS "LaterCount", COALESCE(SUM(CASE WHEN c."At" > {cutoff} THEN b."Size" END), 0) AS "LaterBytes",
                   MIN(CASE WHEN c."At" > {cutoff} THEN c."At" END) AS "First", MAX(CASE WHEN c."At" > {cutoff} THEN c."At" END) AS "Last"
            FROM (SELECT k."BlobId", MAX(CASE WHEN l."UsedAt" > k."QueuedAt" THEN l."UsedAt" ELSE k."QueuedAt" END) AS "At"
                  FROM "BlobCandidates" k LEFT JOIN "ImageBlobs" l ON l."ImageId" = k."ImageId" AND l."BlobId" = k."BlobId"
                  WHERE NOT EXISTS (SELECT 1 FROM "ArtifactBlobs" a WHERE a."BlobId" = k."BlobId")
                  GROUP BY k."BlobId") c
            JOIN "Blobs" b ON b."Id" = c."BlobId"
            """).ToListAsync(cancellationToken))[0];
        return new Reclaimable(new(found.NowCount, found.NowBytes), new(found.LaterCount, found.LaterBytes), AllowedAt(found.First), AllowedAt(found.Last));

        DateTime? AllowedAt(DateTime? lastUse) =>
            lastUse is not { } at ? null : at + grace > uses.HeldUntil ? DateTime.SpecifyKind(at + grace, DateTimeKind.Utc) : uses.HeldUntil;
    }

    private sealed record Figures(long NowCount, long NowBytes, long LaterCount, long LaterBytes, DateTime? First, DateTime? Last);
}
