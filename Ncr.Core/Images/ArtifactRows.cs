using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>Reads artifacts as lists show them.</summary>
internal static class ArtifactRows
{
    private static readonly Func<NcrDbContext, long, IAsyncEnumerable<string>> FirstTags =
        EF.CompileAsyncQuery((NcrDbContext db, long artifactId) => db.Tags.Where(t => t.ArtifactId == artifactId).OrderBy(t => t.Name).Take(ArtifactRow.MaxTags).Select(t => t.Name));

    /// <summary>Rows with their first tags, those read artifact by artifact: in one query SQLite would number all the tags of each to find its first.</summary>
    /// <param name="query">A page of artifacts: this many queries follow.</param>
    public static async Task<List<ArtifactRow>> ReadAsync(NcrDbContext db, IQueryable<Artifact> query, CancellationToken cancellationToken)
    {
        var rows = await query
            .Select(a => new ArtifactRow(
                a.Id,
                a.Digest,
                a.Type,
                a.ArtifactTypeName,
                a.MediaType,
                a.Platforms,
                a.Size,
                a.PushedAt,
                a.PushedBy,
                a.PulledAt,
                a.PullCount,
                db.Tags.Count(t => t.ArtifactId == a.Id),
                Array.Empty<string>(),
                a.AccessoryOf,
                db.Artifacts.Count(s => s.ImageId == a.ImageId && s.AccessoryOf == a.Digest),
                db.Artifacts.Any(s => s.ImageId == a.ImageId && s.AccessoryOf == a.Digest && s.Type == ArtifactType.Signature)))
            .ToListAsync(cancellationToken);
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].TagCount > 0)
            {
                var tags = new List<string>();
                await foreach (var tag in FirstTags(db, rows[i].Id).WithCancellation(cancellationToken))
                {
                    tags.Add(tag);
                }

                rows[i] = rows[i] with { Tags = tags };
            }
        }

        return rows;
    }
}
