using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>What goes with an artifact: children of an index that have no tag and no other index, and what belongs to it (signatures, SBOMs).</summary>
internal static class ArtifactTree
{
    /// <summary>The artifact, and all that serves nothing once it is gone.</summary>
    public static async Task<List<Artifact>> FindWithPartsAsync(NcrDbContext db, long imageId, Artifact first, CancellationToken cancellationToken)
    {
        var found = new List<Artifact> { first };
        var gone = new List<long>();
        for (var i = 0; i < found.Count; i++)
        {
            var artifact = found[i];
            gone.Add(artifact.Id);
            var children = await db.ArtifactChildren.Where(c => c.ParentId == artifact.Id).Select(c => c.Digest).ToListAsync(cancellationToken);
            var loose = await FindLooseAsync(db, imageId, artifact, children, gone, cancellationToken);
            found.AddRange(loose.Where(l => found.TrueForAll(f => f.Id != l.Id)));
        }

        return found;
    }

    /// <summary>What serves nothing once an artifact is gone: children without a tag and another index, and what is about it.</summary>
    /// <param name="gone">Artifacts that go, too.</param>
    private static Task<List<Artifact>> FindLooseAsync(NcrDbContext db, long imageId, Artifact artifact, List<string> children, List<long> gone, CancellationToken cancellationToken) =>
        db.Artifacts.AsNoTracking()
            .Where(a => a.ImageId == imageId
                && (a.AccessoryOf == artifact.Digest
                    || (children.Contains(a.Digest) && !db.Artifacts.Any(s => s.ImageId == imageId && s.Digest == a.AccessoryOf && !gone.Contains(s.Id))))
                && !db.ArtifactChildren.Any(c => c.ImageId == imageId && c.Digest == a.Digest && !gone.Contains(c.ParentId))
                && !db.Tags.Any(t => t.ArtifactId == a.Id && !t.Name.StartsWith(AccessoryTag.Start)))
            .ToListAsync(cancellationToken);
}
