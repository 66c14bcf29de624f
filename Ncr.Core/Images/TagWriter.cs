using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>The piece of a write transaction that makes or moves a tag.</summary>
internal static class TagWriter
{
    /// <summary>Points a tag to an artifact. One that points there already is left as it is, with its time.</summary>
    public static async Task PointAsync(NcrDbContext db, Image image, Artifact artifact, string name, Actor actor, DateTime now, CancellationToken cancellationToken)
    {
        var tag = await db.Tags.AsTracking().FirstOrDefaultAsync(t => t.ImageId == image.Id && t.Name == name, cancellationToken);
        if (tag is null)
        {
            db.Tags.Add(new Tag { ImageId = image.Id, Name = name, Artifact = artifact, PushedAt = now, PushedBy = actor.Name });
            image.TagCount++;
        }
        else if (tag.ArtifactId != artifact.Id)
        {
            tag.Artifact = artifact;
            tag.PushedAt = now;
            tag.PushedBy = actor.Name;
        }
    }
}
