using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Paging;

namespace Ncr.Core.Images;

/// <summary>Tags by a part of their names, whatever its case.</summary>
/// <param name="Tags">All that were found.</param>
/// <param name="Sample">Some of them, where looking for all takes a walk over many tags; null where it does not.</param>
internal sealed record TagSearch(IQueryable<Tag> Tags, IQueryable<Tag>? Sample)
{
    /// <summary>Tags that are walked over without a thought; hits of the index that are each looked up.</summary>
    /// <remarks>20,000 look-ups take 5 to 20 ms, a walk over a million names 90 (measured).</remarks>
    public const int Few = 20_000;

    /// <summary>
    /// What few tags have, the index finds. Of what many have a page is soon full on a walk in the order of the list; so are those of parts too short for the index, or the walk is a short one.
    /// </summary>
    /// <param name="db">Where to look.</param>
    /// <param name="scope">The tags to look among.</param>
    /// <param name="count">How many those are; null when nobody knows.</param>
    /// <param name="text">As somebody typed it.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task<TagSearch> FindAsync(
        NcrDbContext db, System.Linq.Expressions.Expression<Func<Tag, bool>> scope, int? count, string text, CancellationToken cancellationToken)
    {
        var part = text.Trim();
        if (!TagNames.CanHold(part))
        {
            return new TagSearch(db.Tags.Where(_ => false), null);
        }

        var all = db.Tags.Where(scope);
        if (count <= Few)
        {
            return new TagSearch(Holding(all, part), null);
        }

        if (part.Length < TagNames.GroupLength)
        {
            return new TagSearch(Holding(all, part), Holding(all.OrderBy(t => t.Name).Take(Few), part));
        }

        var hits = Holding(TagNames.Find(db, part, Few).Where(scope), part);
        return await TagNames.HasAtMostAsync(db, part, Few, cancellationToken) ? new TagSearch(hits, null) : new TagSearch(Holding(all, part), hits);
    }

    private static IQueryable<Tag> Holding(IQueryable<Tag> tags, string part)
    {
        var pattern = LikePattern.Contains(part);
        return tags.Where(t => EF.Functions.Like(t.Name, pattern, LikePattern.Escape));
    }
}
