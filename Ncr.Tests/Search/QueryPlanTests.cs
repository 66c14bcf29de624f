using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Data;
using Ncr.Core.Figures;
using Ncr.Core.Images;
using Ncr.Core.Search;
using Ncr.Tests.Support;

namespace Ncr.Tests.Search;

/// <summary>What a search and the overview cost must not grow with the tables: the database has to go by their indexes.</summary>
public sealed class QueryPlanTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    public static TheoryData<string, string> Queries => new()
    {
        { "tags named", "SEARCH t USING INDEX IX_Tags_Name_ImageId (Name=?)" },
        { "tags from", "SEARCH t USING INDEX IX_Tags_Name_ImageId (Name>? AND Name<?)" },
        { "tags within", "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)" },
        { "tags of large", "SEARCH t USING INDEX IX_Tags_Name_ImageId (Name>? AND Name<?)" },
        { "tags of small", "SEARCH t USING INDEX IX_Tags_ImageId_Name (ImageId=?)" },
        { "tags of an image", "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)" },
        { "tags of an image by time", "SEARCH t USING COVERING INDEX IX_Tags_ImageId_PushedAt_Id_Name (ImageId=?)" },
        { "attachments", "SEARCH a USING INDEX IX_Artifacts_ImageId_AccessoryOf_PushedAt (ImageId=? AND AccessoryOf=?)" },
        { "digests", "SEARCH a USING INDEX IX_Artifacts_Digest (Digest>? AND Digest<?)" },
        { "labels by value of", "SEARCH a USING INDEX IX_ArtifactLabels_Name_Value (Name=? AND Value>? AND Value<?)" },
        { "labels by name", "SEARCH a USING INDEX IX_ArtifactLabels_Name_Value (Name>? AND Name<?)" },
        { "labels by value", "SEARCH a USING INDEX IX_ArtifactLabels_Value (Value>? AND Value<?)" },
        { "activity", "SEARCH e USING INTEGER PRIMARY KEY (rowid<?)" },
        { "days", "SEARCH d USING INDEX sqlite_autoindex_DailyFigures_1 (Day>? AND Day<?)" },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_GoesByItsIndex(string name, string step)
    {
        await using var db = await fixture.Server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        var plan = await db.ExplainAsync(Find(db, name));

        Assert.Contains(step, plan);
        var parts = plan.Where(s => s.StartsWith("CO-ROUTINE ", StringComparison.Ordinal) || s.StartsWith("MATERIALIZE ", StringComparison.Ordinal)).Select(s => "SCAN" + s[s.IndexOf(' ', StringComparison.Ordinal)..]);
        Assert.Empty(plan.Where(s => s.StartsWith("SCAN", StringComparison.Ordinal) && !s.Contains("VIRTUAL TABLE INDEX", StringComparison.Ordinal)).Except(parts)); // Only what the limits have cut short is read whole.
    }

    private static IQueryable Find(NcrDbContext db, string name) => name switch
    {
        "tags named" => SearchQueries.TagsNamed(db, "v1", 7),
        "tags from" => SearchQueries.TagsFrom(db, "v1", 7),
        "tags within" => SearchQueries.TagsWithin(db, "v1.", 7),
        "tags of large" => SearchQueries.TagsOfLarge(db, [1, 2], "v1", 7),
        "tags of small" => SearchQueries.TagsOfSmall(db, [1, 2], "v1", 7),
        "tags of an image" => TagNames.Find(db, "v1.", 100).Where(t => t.ImageId == 1 && EF.Functions.Like(t.Name, "%v1.%", "\\")).OrderBy(t => t.Name).ThenBy(t => t.Id).Take(26).Select(t => t.Id),
        "tags of an image by time" => db.Tags.Where(t => t.ImageId == 1 && EF.Functions.Like(t.Name, "%v1%", "\\")).OrderByDescending(t => t.PushedAt).ThenByDescending(t => t.Id).Take(26).Select(t => new { t.PushedAt, t.Id }),
        "attachments" => db.Artifacts.Where(a => a.ImageId == 1 && a.AccessoryOf == "sha256:ab").OrderByDescending(a => a.PushedAt).ThenByDescending(a => a.Id).Take(7),
        "digests" => SearchQueries.Digests(db, "sha256:abcd", 7),
        "labels by value of" => SearchQueries.LabelsByValueOf(db, "maintainer", "a"),
        "labels by name" => SearchQueries.LabelsByName(db, "maint"),
        "labels by value" => SearchQueries.LabelsByValue(db, "anna"),
        "activity" => ActivityReader.Page(db, 1000),
        "days" => OverviewService.Days(db, null, new DateOnly(2026, 1, 1), new DateOnly(2026, 1, 30)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
