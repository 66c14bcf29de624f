using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Images;
using Ncr.Core.Paging;

namespace Ncr.Core.Search;

/// <summary>
/// The queries of a search, none of which minds the case of a letter from A to Z. Of tags, digests and labels each is a walk along an index from where the text stands in its order, and ends
/// after a few rows; only names of registries and images are searched within, since they are few. None finds what was deleted: that is passed over before rows are counted.
/// </summary>
internal static class SearchQueries
{
    /// <summary>Rows of labels for the few that are shown, since each is shown once an image.</summary>
    private const int MaxLabels = 500;

    /// <summary>Comes after every text that begins with what it is put behind.</summary>
    private const string End = "\U0010FFFF";

    /// <summary>How the indexes that a search goes by compare texts.</summary>
    private const string AnyCase = "NOCASE";

    public static IQueryable<string> Registries(NcrDbContext db, string name, int take, IReadOnlyList<long>? registries = null)
    {
        var (anywhere, start) = (LikePattern.Contains(name), LikePattern.StartsWith(name));
        var seen = registries is null ? db.Registries : db.Registries.Where(r => registries.Contains(r.Id));
        return seen.Where(r => r.DeletionId == null && EF.Functions.Like(r.Name, anywhere, LikePattern.Escape))
            .OrderByDescending(r => EF.Functions.Like(r.Name, start, LikePattern.Escape)).ThenBy(r => r.Name).Take(take).Select(r => r.Name);
    }

    /// <summary>Full names; first those of which a part between slashes begins with the text.</summary>
    public static IQueryable<string> Images(NcrDbContext db, string name, int take, IReadOnlyList<long>? registries = null)
    {
        var (anywhere, start, part) = (LikePattern.Contains(name), LikePattern.StartsWith(name), "%/" + LikePattern.StartsWith(name));
        return ImagesOf(db, registries).Where(i => EF.Functions.Like(i.Name, anywhere, LikePattern.Escape) && i.DeletionId == null && i.PushedAt != null)
            .OrderByDescending(i => EF.Functions.Like(i.Name, start, LikePattern.Escape) || EF.Functions.Like(i.Name, part, LikePattern.Escape)).ThenBy(i => i.Name).Take(take).Select(i => i.Name);
    }

    /// <summary>Images of that full name, or whose name ends with it after a slash.</summary>
    public static IQueryable<Image> ImagesNamed(NcrDbContext db, string name, int take, IReadOnlyList<long>? registries = null)
    {
        var pattern = "%/" + LikePattern.StartsWith(name)[..^1];
        return ImagesOf(db, registries).Where(i => (i.Name == name || EF.Functions.Like(i.Name, pattern, LikePattern.Escape)) && i.DeletionId == null && i.PushedAt != null)
            .OrderByDescending(i => i.Name == name).ThenBy(i => i.Name).Take(take);
    }

    /// <summary>Tags of exactly that name, the newest first.</summary>
    public static IQueryable<SearchRow> TagsNamed(NcrDbContext db, string name, int take, IReadOnlyList<long>? registries = null) =>
        Rows(db, Seen(db, db.Tags, registries).Where(t => EF.Functions.Collate(t.Name, AnyCase) == name).OrderByDescending(t => t.Id).Take(take)).OrderByDescending(r => r.Order);

    /// <summary>Tags whose name begins so and goes on.</summary>
    public static IQueryable<SearchRow> TagsFrom(NcrDbContext db, string start, int take, IReadOnlyList<long>? registries = null)
    {
        var end = start + End;
        var tags = Seen(db, db.Tags, registries).Where(t => string.Compare(EF.Functions.Collate(t.Name, AnyCase), start) > 0 && string.Compare(EF.Functions.Collate(t.Name, AnyCase), end) < 0);
        if (!start.StartsWith(AccessoryTag.Start, StringComparison.OrdinalIgnoreCase))
        {
            tags = WithoutAccessories(tags);
        }

        return Rows(db, ByName(tags).Take(take)).OrderBy(r => EF.Functions.Collate(r.Tag!, AnyCase)).ThenBy(r => r.Order);
    }

    /// <summary>Tags with the text within their name, but not at its start, the newest first; among the newest that have it at all.</summary>
    public static IQueryable<SearchRow> TagsWithin(NcrDbContext db, string part, int take, IReadOnlyList<long>? registries = null)
    {
        var (within, start) = (LikePattern.Contains(part), LikePattern.StartsWith(part));
        var tags = Seen(db, TagNames.Find(db, part, TagSearch.Few), registries)
            .Where(t => EF.Functions.Like(t.Name, within, LikePattern.Escape) && !EF.Functions.Like(t.Name, start, LikePattern.Escape));
        return Rows(db, WithoutAccessories(tags).OrderByDescending(t => t.Id).Take(take)).OrderByDescending(r => r.Order);
    }

    /// <summary>Tags of some images that begin so, found among all that begin so; for images with many tags.</summary>
    public static IQueryable<SearchRow> TagsOfLarge(NcrDbContext db, IReadOnlyList<long> imageIds, string start, int take)
    {
        var end = start + End;
        // A sum keeps the database from going by the image first, and so through all its tags.
        var tags = db.Tags.Where(t => imageIds.Contains(t.ImageId + 0) && string.Compare(EF.Functions.Collate(t.Name, AnyCase), start) >= 0 && string.Compare(EF.Functions.Collate(t.Name, AnyCase), end) < 0);
        return Rows(db, ByName(tags).Take(take)).OrderBy(r => EF.Functions.Collate(r.Tag!, AnyCase)).ThenBy(r => r.Order);
    }

    /// <summary>Tags of some images that begin so, found by looking at all that these have; an empty start finds all.</summary>
    public static IQueryable<SearchRow> TagsOfSmall(NcrDbContext db, IReadOnlyList<long> imageIds, string start, int take)
    {
        var pattern = LikePattern.StartsWith(start);
        var tags = db.Tags.Where(t => imageIds.Contains(t.ImageId));
        if (start.Length > 0)
        {
            tags = tags.Where(t => EF.Functions.Like(t.Name, pattern, LikePattern.Escape));
        }

        return Rows(db, tags.OrderBy(t => t.Name).ThenBy(t => t.Id).Take(take)).OrderBy(r => r.Tag).ThenBy(r => r.Order);
    }

    public static IQueryable<SearchRow> Digests(NcrDbContext db, string start, int take, IReadOnlyList<long>? registries = null)
    {
        var end = start + End;
        var hidden = Hidden(db, registries);
        return Rows(db, db.Artifacts.Where(a => string.Compare(a.Digest, start) >= 0 && string.Compare(a.Digest, end) < 0 && !hidden.Contains(a.ImageId)).OrderBy(a => a.Digest).Take(take))
            .OrderBy(r => r.Digest).ThenBy(r => r.Order);
    }

    public static IQueryable<SearchRow> LabelsByValueOf(NcrDbContext db, string name, string start, IReadOnlyList<long>? registries = null)
    {
        var end = start + End;
        return Rows(db, db.ArtifactLabels
            .Where(l => EF.Functions.Collate(l.Name, AnyCase) == name && string.Compare(EF.Functions.Collate(l.Value, AnyCase), start) >= 0 && string.Compare(EF.Functions.Collate(l.Value, AnyCase), end) < 0)
            .OrderBy(l => EF.Functions.Collate(l.Value, AnyCase)), registries);
    }

    public static IQueryable<SearchRow> LabelsByName(NcrDbContext db, string start, IReadOnlyList<long>? registries = null)
    {
        var end = start + End;
        return Rows(db, db.ArtifactLabels
            .Where(l => string.Compare(EF.Functions.Collate(l.Name, AnyCase), start) >= 0 && string.Compare(EF.Functions.Collate(l.Name, AnyCase), end) < 0)
            .OrderBy(l => EF.Functions.Collate(l.Name, AnyCase)).ThenBy(l => EF.Functions.Collate(l.Value, AnyCase)), registries);
    }

    public static IQueryable<SearchRow> LabelsByValue(NcrDbContext db, string start, IReadOnlyList<long>? registries = null)
    {
        var end = start + End;
        return Rows(db, db.ArtifactLabels
            .Where(l => string.Compare(EF.Functions.Collate(l.Value, AnyCase), start) >= 0 && string.Compare(EF.Functions.Collate(l.Value, AnyCase), end) < 0)
            .OrderBy(l => EF.Functions.Collate(l.Value, AnyCase)), registries);
    }

    private static IOrderedQueryable<Tag> ByName(IQueryable<Tag> tags) => tags.OrderBy(t => EF.Functions.Collate(t.Name, AnyCase)).ThenBy(t => t.ImageId).ThenBy(t => t.Id);

    /// <summary>Nobody looks for cosign's tags by less than their beginning.</summary>
    private static IQueryable<Tag> WithoutAccessories(IQueryable<Tag> tags) => tags.Where(t => !t.Name.StartsWith(AccessoryTag.Start));

    private static IQueryable<Tag> Seen(NcrDbContext db, IQueryable<Tag> tags, IReadOnlyList<long>? registries)
    {
        var hidden = Hidden(db, registries);
        return tags.Where(t => !hidden.Contains(t.ImageId));
    }

    /// <summary>
    /// Images that a deletion put away, or put what it took into: they are few, and read once a query. For who sees some registries only, those of the others too: more, but
    /// to leave them out after rows were counted would leave such a user with nothing where others have much.
    /// </summary>
    private static IQueryable<long> Hidden(NcrDbContext db, IReadOnlyList<long>? registries) =>
        (registries is null ? db.Images.Where(i => i.DeletionId != null) : db.Images.Where(i => i.DeletionId != null || !registries.Contains(i.RegistryId))).Select(i => i.Id);

    /// <param name="db">The database.</param>
    /// <param name="registries">Only of these registries; null for all.</param>
    private static IQueryable<Image> ImagesOf(NcrDbContext db, IReadOnlyList<long>? registries) => registries is null ? db.Images : db.Images.Where(i => registries.Contains(i.RegistryId));

    private static IQueryable<SearchRow> Rows(NcrDbContext db, IQueryable<Tag> tags) =>
        from t in tags
        join i in db.Images on t.ImageId equals i.Id
        select new SearchRow { Order = t.Id, Image = i.Name, Tag = t.Name, Digest = t.Artifact!.Digest, ArtifactId = t.ArtifactId };

    private static IQueryable<SearchRow> Rows(NcrDbContext db, IQueryable<Artifact> artifacts) =>
        from a in artifacts
        join i in db.Images on a.ImageId equals i.Id
        select new SearchRow { Order = a.Id, Image = i.Name, Digest = a.Digest, ArtifactId = a.Id };

    private static IQueryable<SearchRow> Rows(NcrDbContext db, IOrderedQueryable<ArtifactLabel> labels, IReadOnlyList<long>? registries) =>
        (from l in labels
         join a in db.Artifacts on l.ArtifactId equals a.Id
         join i in ImagesOf(db, registries) on a.ImageId equals i.Id
         where i.DeletionId == null
         select new SearchRow { Order = a.Id, Image = i.Name, Digest = a.Digest, ArtifactId = a.Id, LabelName = l.Name, LabelValue = l.Value }).Take(MaxLabels);
}
