using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Data;
using Ncr.Core.Events;
using Ncr.Tests.Support;

namespace Ncr.Tests.Audit;

/// <summary>Whatever the audit is narrowed to, the database goes by the indexes of its streams.</summary>
public sealed class AuditPlanTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly EventRange Ids = new(5, 1000);
    private static readonly EventRange Times = Ids with { From = DateTime.UnixEpoch, Until = DateTime.UnixEpoch.AddDays(1) };
    private static readonly AuditView Some = new(new RegistrySet(new HashSet<string> { "team", "other" }), false);
    private static readonly AuditView All = new(RegistrySet.All, true);

    public static TheoryData<string, string> Queries => new()
    {
        { "everything", "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" },
        { "everything between times", "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" },
        { "a walk", "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" },
        { "heads of two registries", "USING COVERING INDEX IX_Events_StreamId_Id (StreamId=? AND Id>? AND Id<?)" },
        { "heads of a kind between times", "USING INDEX IX_Events_StreamId_Id (StreamId=? AND Id>? AND Id<?)" },
        { "heads of an image", "USING COVERING INDEX IX_Events_Image_StreamId_Id (Image=? AND StreamId=? AND Id>? AND Id<?)" },
        { "entries", "USING COVERING INDEX IX_Events_StreamId_Id (StreamId=? AND Id>? AND Id<?)" },
        { "entries of an image between times", "USING INDEX IX_Events_Image_StreamId_Id (Image=? AND StreamId=? AND Id>? AND Id<?)" },
        { "number of an actor's", "USING COVERING INDEX IX_Events_StreamId_Id (StreamId=? AND Id>? AND Id<?)" },
        { "number of an image's", "USING COVERING INDEX IX_Events_Image_StreamId_Id (Image=? AND StreamId=? AND Id>? AND Id<?)" },
        { "number of an image's for an admin", "USING COVERING INDEX IX_Events_Image_StreamId_Id (Image=? AND StreamId>?)" },
        { "first since", "USING COVERING INDEX IX_Events_At (At>?)" },
        { "last before", "USING COVERING INDEX IX_Events_At (At<?)" },
        { "old ones", "USING COVERING INDEX IX_Events_At (At<?)" },
        { "old pulls", "USING COVERING INDEX IX_Events_StreamId_Id (StreamId=? AND Id<?)" },
        { "history of a tag", "USING INDEX IX_Events_Image_Tag_Id (Image=? AND Tag=?)" },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_GoesByItsIndex(string name, string step)
    {
        await using var db = await fixture.Server.OpenDatabaseAsync();
        var plan = await db.ExplainAsync(Find(db, name));

        var search = Assert.Single(plan, s => s.StartsWith("SEARCH", StringComparison.Ordinal) && s.EndsWith(step, StringComparison.Ordinal));
        Assert.DoesNotContain(plan, s => s == $"SCAN {search.Split(' ')[1]}" || s.StartsWith($"SCAN {search.Split(' ')[1]} ", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, s => s.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    private static IQueryable Find(NcrDbContext db, string name) => name switch
    {
        "everything" => Ids.Apply(db.Events).OrderByDescending(e => e.Id).Select(e => e.Id).Take(26),
        "everything between times" => Times.Apply(db.Events).OrderByDescending(e => e.Id).Select(e => e.Id).Take(26),
        "a walk" => Finder(db, Some, AuditFilter.None).Walk(Ids, 1000, newestFirst: true).Take(26),
        "heads of two registries" => Finder(db, Some, AuditFilter.None).Heads(Ids, newestFirst: true),
        "heads of a kind between times" => Finder(db, All, new AuditFilter(Kind: EventKind.Refusals)).Heads(Times, newestFirst: false),
        "heads of an image" => Finder(db, Some, new AuditFilter(Image: "team/app")).Heads(Ids, newestFirst: true),
        "entries" => Finder(db, Some, AuditFilter.None).Entries(7, Ids, 26, newestFirst: true),
        "entries of an image between times" => Finder(db, All, new AuditFilter(Image: "team/app")).Entries(7, Times, 26, newestFirst: false),
        "number of an actor's" => Finder(db, All, new AuditFilter(Actor: "alice")).Some(Ids, 1001).Select(e => e.Id),
        "number of an image's" => Finder(db, Some, new AuditFilter(Image: "team/app", Kind: EventKind.Pushes)).Some(Ids, 1001).Select(e => e.Id),
        "number of an image's for an admin" => Finder(db, All, new AuditFilter(Image: "team/app")).Some(Ids, 1001).Select(e => e.Id),
        "first since" => EventRange.FirstSince(db, DateTime.UnixEpoch).Take(1),
        "last before" => EventRange.LastBefore(db, DateTime.UnixEpoch).Take(1),
        "old ones" => AuditKeeper.Old(db, DateTime.UnixEpoch),
        "old pulls" => AuditKeeper.OldPulls(db, 7, 1000),
        "history of a tag" => db.Events.Where(e => e.Image == "team/app" && e.Tag == "v1" && e.Type != EventTypes.ArtifactPulled).OrderByDescending(e => e.Id).Take(10),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static EventFinder Finder(NcrDbContext db, AuditView view, AuditFilter filter) => new(db, view.Streams(db, filter), filter.Image);
}
