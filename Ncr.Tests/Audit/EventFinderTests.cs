using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Events;
using Ncr.Core.Paging;
using Ncr.Tests.Support;

namespace Ncr.Tests.Audit;

/// <summary>The audit's pages show what a plain look at every event would, in its order.</summary>
public sealed class EventFinderTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly string[] Types = [EventTypes.ArtifactPushed, EventTypes.ArtifactPulled, EventTypes.TagDeleted, EventTypes.RegistryChanged, EventTypes.SignedIn, EventTypes.CommandRefused];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Pages_OfWhateverIsAskedFor_AgreeWithThePlainAnswer(int seed)
    {
        var random = new Random(seed);
        var mark = Guid.NewGuid().ToString("n")[..8];
        string[] registries = [$"a{mark}", $"b{mark}", $"c{mark}"];
        string[] actors = [$"alice{mark}", $"bob{mark}", ""];
        var start = new DateTime(2030 + seed, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        await fixture.Server.WriteAsync(async db =>
        {
            for (var i = 0; i < 400; i++)
            {
                var registry = random.Next(4) == 0 ? null : registries[random.Next(3)];
                var type = registry is null ? Types[random.Next(4, 6)] : Types[random.Next(4) == 0 ? random.Next(4) : i / 140];
                db.Events.Add(new Event
                {
                    Type = type,
                    At = start.AddSeconds(i + (type == EventTypes.ArtifactPulled ? -3 : 0)),
                    Actor = actors[random.Next(3)],
                    Registry = registry,
                    Image = type.StartsWith("artifact.", StringComparison.Ordinal) || type == EventTypes.TagDeleted ? $"{registry}/app{random.Next(2)}" : null,
                    Tag = random.Next(2) == 0 ? "v1" : null,
                });
            }

            await db.SaveChangesAsync();
        });
        await using var db = await fixture.Server.OpenDatabaseAsync();
        var all = await db.Events.Where(e => e.At >= start.AddDays(-1) && e.At < start.AddDays(1)).OrderByDescending(e => e.Id).ToListAsync();

        for (var round = 0; round < 40; round++)
        {
            var registry = random.Next(2) == 0 ? registries[random.Next(3)] : null;
            var filter = new AuditFilter(
                registry,
                random.Next(3) == 0 ? $"{registry ?? registries[0]}/app{random.Next(3)}" : null,
                random.Next(2) == 0 ? actors[random.Next(2)] : null,
                random.Next(2) == 0 ? Enum.GetValues<EventKind>()[random.Next(10)] : null,
                start.AddSeconds(random.Next(2) == 0 ? -60 : random.Next(400)),
                random.Next(2) == 0 ? start.AddSeconds(random.Next(450)) : start.AddHours(1));
            var view = random.Next(3) switch
            {
                0 => new AuditView(RegistrySet.All, true),
                1 => new AuditView(RegistrySet.All, false),
                _ => new AuditView(new RegistrySet(registries.Take(random.Next(3)).ToHashSet()), random.Next(2) == 0),
            };
            var expected = all.Where(e => IsWanted(e, filter, view)).Select(e => e.Id).ToList();

            Assert.Equal(expected, await ReadAsync(filter, view, 1 + random.Next(60)));
        }
    }

    private static bool IsWanted(Event e, AuditFilter filter, AuditView view) =>
        (e.Registry is null ? view.WithRest : view.Registries.Contains(e.Registry))
        && (filter.Registry is null || e.Registry == filter.Registry)
        && (filter.Image is null || e.Image == filter.Image)
        && (filter.Actor is null || e.Actor == filter.Actor)
        && (filter.Kind is not { } kind || EventTypes.Of(kind).Contains(e.Type))
        && e.At >= filter.From && e.At < filter.Until;

    /// <summary>All pages forth; on the way each page is also read from the one after it.</summary>
    private async Task<List<long>> ReadAsync(AuditFilter filter, AuditView view, int take)
    {
        await using var db = await fixture.Server.OpenDatabaseAsync();
        if (await EventRange.FindAsync(db, filter.From, filter.Until, CancellationToken.None) is not { } range)
        {
            return [];
        }

        var finder = new EventFinder(db, view.Streams(db, filter), filter.Image);
        var page = await AuditPager.FindAsync(finder, range, new PageRequest(take), CancellationToken.None);
        var total = page.Total;
        Assert.Null(page.Previous);
        var found = new List<long>(page.Items);
        while (page.Next is { } next)
        {
            var before = page;
            page = await AuditPager.FindAsync(finder, range, new PageRequest(take, After: next), CancellationToken.None);
            var back = await AuditPager.FindAsync(finder, range, new PageRequest(take, Before: page.Previous), CancellationToken.None);
            Assert.Equal(before.Items, back.Items);
            found.AddRange(page.Items);
        }

        Assert.Equal(found.Count, total);
        return found;
    }
}
