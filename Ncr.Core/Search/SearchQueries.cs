using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Images;
using Ncr.Core.Paging;

namespace Ncr.Core.Search;

/// <summary>
/// The queries of a search. Of tags, digests and labels each is a walk along an index from where the text stands in its order, and ends after a few rows;
/// only names of registries and images are searched within, since they are few. None finds what was deleted.
/// </summary>
internal static class SearchQueries
{
    /// <summary>Rows walked over for the few that are shown: those of deleted images are passed over, and labels are shown once an image.</summary>
    private const int MaxWalked = 500;

    /// <summary>Comes after every text that begins with what it is put behind.</summary>
    private const string End = "\U0010FFFF";

    public static IQueryable<string> Registries(NcrDbContext db, string name, int take)
    {
        var (anywhere, start) = (LikePattern.Contains(name), StartPattern(name));
        return db.Registries.Where(r => r.DeletionId == null && EF.Functions.Like(r.Name, anywhere, LikePattern.Escape))
            .OrderByDescending(r => EF.Functions.Like(r.Name, start, LikePattern.Escape)).ThenBy(r => r.Name).Take(take).Select(r => r.Name);
    }

    /// <summary>Full names; first those of which a part between slashes begins with the text.</summary>
    public static IQueryable<string> Images(NcrDbContext db, string name, int take)
    {
        var (anywhere, start, part) = (LikePattern.Contains(name), StartPattern(name), "%/" + StartPattern(name));
        return db.Images.Where(i => EF.Functions.Like(i.Name, anywhere, LikePattern.Escape) && i.DeletionId == null && i.PushedAt != null)
            .OrderByDescending(i => EF.Functions.Like(i.Name, start, LikePattern.Escape) || EF.Functions.Like(i.Name, part, LikePattern.Escape)).ThenBy(i => i.Name).Take(take).Select(i => i.Name);
    }

    /// <summary>Images of that full name, or whose name ends with it after a slash.</summary>
    public static IQueryable<long> ImageIds(NcrDbContext db, string name, int take)
    {
        var pattern = "%/" + StartPattern(name)[..^1];
        return db.Images.Where(i => (i.Name == name || EF.Functions.Like(i.Name, pattern, LikePattern.Escape)) && i.DeletionId == null && i.PushedAt != null)
            .OrderByDescending(i => i.Name == name).ThenBy(i => i.Name).Take(take).Select(i => i.Id);
    }

    /// <summary>Tags of exactly that name, the newest first.</summary>
    public static IQueryable<SearchRow> TagsNamed(NcrDbContext db, string name, int take) =>
        Rows(db, db.Tags.Where(t => t.Name == name).OrderByDescending(t => t.Id).Take(MaxWalked)).OrderByDescending(r => r.Order).Take(take);

    /// <summary>Tags whose name begins so and goes on.</summary>
    public static IQueryable<SearchRow> TagsFrom(NcrDbContext db, string start, int take)
    {
        var end = start + End;
        var tags = db.Tags.Where(t => string.Compare(t.Name, start) > 0 && string.Compare(t.Name, end) < 0);
        if (!start.StartsWith(AccessoryTag.Start, StringComparison.Ordinal))
        {
            tags = tags.Where(t => !t.Name.StartsWith(AccessoryTag.Start)); // Nobody looks for those of cosign by their first letters.
        }

        return Rows(db, tags.OrderBy(t => t.Name).Take(MaxWalked)).OrderBy(r => r.Tag).ThenBy(r => r.Order).Take(take);
    }

    /// <summary>Tags of some images that begin so; an empty start finds all.</summary>
    public static IQueryable<SearchRow> TagsOf(NcrDbContext db, IReadOnlyList<long> imageIds, string start, int take)
    {
        var end = start + End;
        var tags = db.Tags.Where(t => imageIds.Contains(t.ImageId) && string.Compare(t.Name, start) >= 0 && string.Compare(t.Name, end) < 0);
        return Rows(db, tags.OrderBy(t => t.Name).Take(MaxWalked)).OrderBy(r => r.Tag).ThenBy(r => r.Order).Take(take);
    }

    public static IQueryable<SearchRow> Digests(NcrDbContext db, string start, int take)
    {
        var end = start + End;
        return Rows(db, db.Artifacts.Where(a => string.Compare(a.Digest, start) >= 0 && string.Compare(a.Digest, end) < 0).OrderBy(a => a.Digest).Take(MaxWalked))
            .OrderBy(r => r.Digest).ThenBy(r => r.Order).Take(take);
    }

    public static IQueryable<SearchRow> LabelsByValueOf(NcrDbContext db, string name, string start)
    {
        var end = start + End;
        return Rows(db, db.ArtifactLabels.Where(l => l.Name == name && string.Compare(l.Value, start) >= 0 && string.Compare(l.Value, end) < 0).OrderBy(l => l.Value).Take(MaxWalked));
    }

    public static IQueryable<SearchRow> LabelsByName(NcrDbContext db, string start)
    {
        var end = start + End;
        return Rows(db, db.ArtifactLabels.Where(l => string.Compare(l.Name, start) >= 0 && string.Compare(l.Name, end) < 0).OrderBy(l => l.Name).ThenBy(l => l.Value).Take(MaxWalked));
    }

    public static IQueryable<SearchRow> LabelsByValue(NcrDbContext db, string start)
    {
        var end = start + End;
        return Rows(db, db.ArtifactLabels.Where(l => string.Compare(l.Value, start) >= 0 && string.Compare(l.Value, end) < 0).OrderBy(l => l.Value).Take(MaxWalked));
    }

    private static IQueryable<SearchRow> Rows(NcrDbContext db, IQueryable<Tag> tags) =>
        from t in tags
        join i in db.Images on t.ImageId equals i.Id
        where i.DeletionId == null
        select new SearchRow { Order = t.Id, Image = i.Name, Tag = t.Name, Digest = t.Artifact!.Digest, ArtifactId = t.ArtifactId };

    private static IQueryable<SearchRow> Rows(NcrDbContext db, IQueryable<Artifact> artifacts) =>
        from a in artifacts
        join i in db.Images on a.ImageId equals i.Id
        where i.DeletionId == null
        select new SearchRow { Order = a.Id, Image = i.Name, Digest = a.Digest, ArtifactId = a.Id };

    private static IQueryable<SearchRow> Rows(NcrDbContext db, IQueryable<ArtifactLabel> labels) =>
        from l in labels
        join a in db.Artifacts on l.ArtifactId equals a.Id
        join i in db.Images on a.ImageId equals i.Id
        where i.DeletionId == null
        select new SearchRow { Order = a.Id, Image = i.Name, Digest = a.Digest, ArtifactId = a.Id, LabelName = l.Name, LabelValue = l.Value };

    private static string StartPattern(string text) => LikePattern.Contains(text)[1..];
}
