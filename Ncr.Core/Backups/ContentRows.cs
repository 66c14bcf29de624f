using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Ncr.Core.Backups;

/// <summary>The rows that name content, in the order of their locations, some hundreds at a time: no list has to hold them all.</summary>
internal static class ContentRows
{
    private const int PageSize = 500;

    public sealed record Row(string Location, string Digest, long Size);

    public static async IAsyncEnumerable<Row> ReadAsync(SqliteConnection connection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = "";
        while (true)
        {
            var page = await DatabaseFile.ReadAsync(
                connection,
                """SELECT "Location", "Digest", "Size" FROM "Blobs" WHERE "Location" > $position ORDER BY "Location" LIMIT $size""",
                r => new Row(r.GetString(0), r.GetString(1), r.GetInt64(2)),
                cancellationToken,
                ("$position", position),
                ("$size", PageSize));
            foreach (var row in page)
            {
                yield return row;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            position = page[^1].Location;
        }
    }

    public static async Task<(long Count, long Bytes)> SumAsync(SqliteConnection connection, CancellationToken cancellationToken) =>
        (await DatabaseFile.ReadAsync(connection, """SELECT count(*), ifnull(sum("Size"), 0) FROM "Blobs" """, r => (r.GetInt64(0), r.GetInt64(1)), cancellationToken))[0];

    public static async Task<bool> IsNamedAsync(SqliteConnection connection, string location, CancellationToken cancellationToken) =>
        (await DatabaseFile.ReadAsync(connection, """SELECT 1 FROM "Blobs" WHERE "Location" = $location""", _ => true, cancellationToken, ("$location", location))).Count > 0;

    /// <summary>A place that content can't have, among what is to be deleted; null when there is none. A backup of an older NCR has no such rows.</summary>
    public static async Task<string?> FindWrongDiscardedAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        if ((await DatabaseFile.ReadAsync(connection, "SELECT 1 FROM sqlite_master WHERE \"name\" = 'DiscardedContent'", _ => true, cancellationToken)).Count == 0)
        {
            return null;
        }

        var locations = await DatabaseFile.ReadAsync(connection, """SELECT "Location" FROM "DiscardedContent" """, r => r.GetString(0), cancellationToken);
        return locations.Find(l => !ContentFolder.IsLocation(l));
    }

    /// <summary>The artifacts that need a blob or are a manifest, with their tags; at most <paramref name="limit"/> names.</summary>
    public static Task<List<string>> AffectedAsync(SqliteConnection connection, string digest, int limit, CancellationToken cancellationToken) => DatabaseFile.ReadAsync(
        connection,
        """
        SELECT DISTINCT i."Name" || ifnull(':' || t."Name", '@' || a."Digest")
        FROM "Artifacts" a
        JOIN "Images" i ON i."Id" = a."ImageId" AND i."DeletionId" IS NULL
        LEFT JOIN "Tags" t ON t."ArtifactId" = a."Id"
        WHERE a."Id" IN (
            SELECT n."ArtifactId" FROM "ArtifactBlobs" n JOIN "Blobs" b ON b."Id" = n."BlobId" WHERE b."Digest" = $digest
            UNION ALL SELECT "Id" FROM "Artifacts" WHERE "Digest" = $digest)
        ORDER BY 1 LIMIT $limit
        """,
        r => r.GetString(0),
        cancellationToken,
        ("$digest", digest),
        ("$limit", limit));
}
