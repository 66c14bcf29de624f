using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Integrity;

namespace Ncr.Core.Backups;

/// <summary>Reads back what a database names: content by digest and length, and the manifests in the database itself.</summary>
internal sealed class StoreVerifier(SqliteConnection database, ContentFolder content)
{
    /// <summary>Names shown of one damage; more help nobody.</summary>
    private const int MaxAffected = 50;

    private const int ManifestsAtOnce = 200;

    /// <summary>One reads while another hashes.</summary>
    private const int AtOnce = 2;

    private readonly ConcurrentQueue<(ContentRows.Row Row, string Explanation)> _bad = new();
    private long _count;
    private long _bytes;

    public sealed record Result(long Count, long Bytes, long Manifests, IReadOnlyList<BackupDamage> Damage);

    /// <param name="quick">Presence and lengths only.</param>
    public async Task<Result> VerifyAsync(bool quick, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var (total, _) = await ContentRows.SumAsync(database, cancellationToken);
        var checker = new ContentChecker(content.OpenAsync);
        var step = quick ? "Looking at content" : "Reading content";
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(ContentRows.ReadAsync(database, cancellationToken), options, async (row, token) =>
        {
            var report = await CheckAsync(checker, row, quick, read => progress?.Report(new BackupProgress(step, Interlocked.Read(ref _count), total, Interlocked.Add(ref _bytes, read))), token);
            if (!report.IsWhole)
            {
                _bad.Enqueue((row, report.Explanation));
            }

            progress?.Report(new BackupProgress(step, Interlocked.Increment(ref _count), total, Interlocked.Read(ref _bytes)));
        });

        var damage = await DescribeAsync(database, _bad, cancellationToken);
        var manifests = quick ? 0 : await ReadManifestsAsync(damage, progress, cancellationToken);
        return new Result(_count, _bytes, manifests, damage);
    }

    /// <summary>Who needs what is damaged. What the database no longer names, since it is in use, is nobody's loss.</summary>
    public static async Task<List<BackupDamage>> DescribeAsync(SqliteConnection database, IEnumerable<(ContentRows.Row Row, string Explanation)> bad, CancellationToken cancellationToken)
    {
        var damage = new List<BackupDamage>();
        foreach (var (row, explanation) in bad.OrderBy(b => b.Row.Digest, StringComparer.Ordinal))
        {
            if (await ContentRows.IsNamedAsync(database, row.Location, cancellationToken))
            {
                damage.Add(new BackupDamage("content", row.Digest, row.Location, explanation, await ContentRows.AffectedAsync(database, row.Digest, MaxAffected, cancellationToken)));
            }
        }

        return damage;
    }

    private static Task<ContentReport> CheckAsync(ContentChecker checker, ContentRows.Row row, bool quick, Action<int> read, CancellationToken cancellationToken) =>
        !ContentFolder.IsLocation(row.Location) || !Digest.TryParse(row.Digest, out var digest)
            ? Task.FromResult(new ContentReport(ContentState.Missing, "Its row in the database is wrong.", 0))
            : quick
                ? checker.CheckLengthAsync(row.Location, row.Size, cancellationToken)
                : checker.CheckAsync(
                    row.Location,
                    digest,
                    row.Size,
                    (count, _) =>
                    {
                        read(count);
                        return ValueTask.CompletedTask;
                    },
                    cancellationToken);

    private async Task<long> ReadManifestsAsync(List<BackupDamage> damage, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var count = 0L;
        for (var position = ""; ;)
        {
            var page = await DatabaseFile.ReadAsync(
                database,
                """SELECT "Digest", "Payload" FROM "Manifests" WHERE "Digest" > $position ORDER BY "Digest" LIMIT $size""",
                r => (Digest: r.GetString(0), Payload: r.GetFieldValue<byte[]>(1)),
                cancellationToken,
                ("$position", position),
                ("$size", ManifestsAtOnce));
            foreach (var (text, payload) in page)
            {
                if (!Digest.TryParse(text, out var digest) || digest.SameAlgorithmOver(payload) != digest)
                {
                    damage.Add(new BackupDamage("manifest", text, null, "The bytes in the database have changed.", await ContentRows.AffectedAsync(database, text, MaxAffected, cancellationToken)));
                }
            }

            count += page.Count;
            progress?.Report(new BackupProgress("Reading manifests", count));
            if (page.Count < ManifestsAtOnce)
            {
                return count;
            }

            position = page[^1].Digest;
        }
    }
}
