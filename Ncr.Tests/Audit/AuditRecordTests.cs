using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Deletions;
using Ncr.Core.Events;
using Ncr.Core.Figures;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Tests.Access;
using Ncr.Tests.Support;

namespace Ncr.Tests.Audit;

/// <summary>What is recorded, pulls among it, and for how long.</summary>
public sealed class AuditRecordTests(AccessSetup setup) : IClassFixture<AccessSetup>
{
    [Fact]
    public async Task Commands_LeaveWhoWhatAndFromWhatToWhat()
    {
        var registry = await setup.NewRegistryAsync();
        var (image, first, _) = await setup.NewImageAsync(registry);
        var second = await image.PushAsync(new ImageBuilder(1), "v2");
        var name = ImageName.Parse(image.Name);
        await setup.Registries.ChangeAsync(setup.Admin, registry, new RegistrySettings("what for"), CancellationToken.None);
        await setup.Get<TagService>().MoveAsync(setup.Admin, name, "v1", Digest.Parse(second.Digest), CancellationToken.None);
        await setup.Get<ArtifactService>().DeleteAsync(setup.Admin, name, Digest.Parse(first.Digest), false, CancellationToken.None);
        var deletions = setup.Get<DeletionService>();
        await deletions.PurgeAsync(setup.Admin, Assert.Single((await deletions.ListAsync(setup.Admin, new PageRequest(Search: registry), CancellationToken.None)).Items).Id, CancellationToken.None);

        var rows = await setup.Server.AuditAsync(setup.Admin, new AuditFilter(registry));

        Assert.Equal(
            [
                (EventTypes.DeletionPurged, null, "with 1 artifacts and 0 tags, deleted by admin"),
                (EventTypes.ArtifactDeleted, null, null),
                (EventTypes.TagMoved, "v1", $"from {first.Digest}"),
                (EventTypes.RegistryChanged, null, "description: (none) → what for"),
                (EventTypes.ArtifactPushed, "v2", null),
                (EventTypes.ArtifactPushed, "v1", null),
                (EventTypes.RegistryCreated, null, null),
            ],
            rows.Select(r => (r.Type, r.Tag, r.Details)));
        Assert.All(rows, r => Assert.Equal(setup.Admin.Name, r.Actor));
        Assert.All(rows.Where(r => r.Type == EventTypes.ArtifactPushed), r => Assert.Equal("127.0.0.1", r.Address));
        Assert.True(rows[0] is { IsRegistryThere: true, IsImageThere: true, IsArtifactThere: false });
        Assert.True(rows[2] is { IsArtifactThere: true });
    }

    [Fact]
    public async Task IntegrityCheck_StartedAndStopped_IsRecorded()
    {
        var integrity = setup.Get<IntegrityService>();
        await integrity.StartAsync(setup.Admin, isQuick: true, CancellationToken.None);

        var row = (await setup.Server.AuditAsync(setup.Admin, new AuditFilter(Kind: EventKind.Storage)))[0];
        Assert.Equal((EventTypes.IntegrityStarted, setup.Admin.Name), (row.Type, row.Actor));
    }

    [Fact]
    public async Task Pulls_OfARegistryThatRecordsThem_AreEvents_OnceAManifest_AndNoneOfOthers()
    {
        var (recording, other) = (await setup.NewRegistryAsync(), await setup.NewRegistryAsync());
        var (image, manifest, blob) = await setup.NewImageAsync(recording);
        var (quiet, _, _) = await setup.NewImageAsync(other);
        var user = await setup.NewUserAsync(Role.ServiceViewer);
        var (mine, notMine) = (new RegistryClient(user.Bearer, image.Name), new RegistryClient(user.Bearer, quiet.Name));
        await PullAsync(mine, "manifests/v1");
        Assert.Empty(await PullsOfAsync(recording));

        await SwitchAsync(recording, true);
        await PullAsync(mine, "manifests/v1"); // At once: nothing was written since.
        await PullAsync(mine, $"manifests/{manifest.Digest}");
        await PullAsync(mine, $"blobs/{blob}");
        await PullAsync(notMine, "manifests/v1");
        using (await mine.HeadAsync("manifests/v1"))
        {
        }

        var rows = await PullsOfAsync(recording);
        Assert.Equal([(null, manifest.Digest), ("v1", manifest.Digest)], rows.Select(r => (r.Tag, r.Digest)));
        Assert.All(rows, r => Assert.Equal((user.Actor.Name, "127.0.0.1", image.Name), (r.Actor, r.Address, r.Image)));
        Assert.Empty(await PullsOfAsync(other));

        // Neither a tag's history nor the overview is about pulls.
        Assert.Single(await setup.Get<TagService>().ListHistoryAsync(setup.Admin, ImageName.Parse(image.Name), "v1", 10, CancellationToken.None));
        Assert.DoesNotContain((await setup.Get<OverviewService>().GetAsync(setup.Admin, CancellationToken.None)).Activity, a => a.Type == EventTypes.ArtifactPulled);

        await SwitchAsync(recording, false);
        await PullAsync(mine, "manifests/v1");
        Assert.Equal(2, (await PullsOfAsync(recording)).Count);
    }

    [Fact]
    public async Task Pulls_TooManyAtOnce_AreCounted()
    {
        var registry = await setup.NewRegistryAsync();
        await SwitchAsync(registry, true);
        var events = setup.Get<PullEvents>();
        var manifest = new ManifestRef(Digest.Sha256([1]), "", 1, null);
        Assert.True(Reference.TryParse("v1", out var reference));
        await events.FlushAsync();
        for (var i = 0; i < PullEvents.MaxWaiting + 7; i++)
        {
            events.Note(manifest, setup.Admin, ImageName.Parse($"{registry}/app"), reference, setup.Clock.GetUtcNow().UtcDateTime);
        }

        await events.FlushAsync();
        await using var db = await setup.Server.OpenDatabaseAsync();
        var found = await db.Events.Where(e => e.Registry == registry && e.Type == EventTypes.ArtifactPulled).ToListAsync();
        Assert.InRange(found.Count, PullEvents.MaxWaiting, PullEvents.MaxWaiting + 8); // A round of the server's own may come between.
        Assert.Equal(PullEvents.MaxWaiting + 7, found.Count(e => e.Image is not null) + found.Sum(e => e.Details is { } text ? int.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)], null) : 0));
    }

    [Fact]
    public async Task OldEvents_GoInTheirTime_PullsSooner_AndTheirStreamsWithThem()
    {
        var clock = new ShiftedClock();
        await using var server = await NcrServer.StartAsync(s => s["Ncr:Audit:KeepFor"] = "100.00:00:00", clock);
        var keeper = (AuditKeeper)server.Services.GetService(typeof(AuditKeeper))!;
        await AddAsync("old", 1200, EventTypes.ArtifactPushed);
        clock.Advance(TimeSpan.FromDays(70));
        await AddAsync("team", 1200, EventTypes.ArtifactPulled);
        clock.Advance(TimeSpan.FromDays(2));
        await AddAsync("team", 3, EventTypes.ArtifactPulled);
        await AddAsync("team", 5, EventTypes.ArtifactPushed);

        clock.Advance(TimeSpan.FromDays(29));
        await keeper.KeepAsync(CancellationToken.None);
        Assert.Equal((0, 3, 5), (await CountAsync("old", EventTypes.ArtifactPushed), await CountAsync("team", EventTypes.ArtifactPulled), await CountAsync("team", EventTypes.ArtifactPushed)));
        Assert.Equal(["team"], await ((AuditService)server.Services.GetService(typeof(AuditService))!).ListRegistriesAsync(server.Administrator, CancellationToken.None));

        clock.Advance(TimeSpan.FromDays(2));
        await keeper.KeepAsync(CancellationToken.None);
        Assert.Equal((0, 5), (await CountAsync("team", EventTypes.ArtifactPulled), await CountAsync("team", EventTypes.ArtifactPushed)));
        clock.Advance(TimeSpan.FromDays(70));
        await keeper.KeepAsync(CancellationToken.None);
        Assert.Equal(0, await CountAsync("team", EventTypes.ArtifactPushed));

        Task AddAsync(string registry, int count, string type) => server.WriteAsync(db => db.AddManyAsync(registry, count, type, clock.GetUtcNow().UtcDateTime));

        async Task<int> CountAsync(string registry, string type)
        {
            await using var db = await server.OpenDatabaseAsync();
            return await db.Events.CountAsync(e => e.Registry == registry && e.Type == type);
        }
    }

    [Fact]
    public void Types_ThatAreRecorded_HaveAMeaningAndAKind()
    {
        var names = typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);

        Assert.Equal(names.Except([EventTypes.DeletionEnded, EventTypes.IntegrityRun]).Order(), EventTypes.Recorded.Select(t => t.Name).Order());
        Assert.All(EventTypes.Recorded, t => Assert.NotEmpty(t.Kinds));
        Assert.All(Enum.GetValues<EventKind>(), k => Assert.NotEmpty(EventTypes.Of(k)));
    }

    [Fact]
    public async Task Documentation_ListsTheTypesAsTheyAre()
    {
        var table = string.Concat(EventTypes.Recorded.Select(t => $"| `{t.Name}` | {t.Meaning} |\n"));

        var text = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "audit.md"))).ReplaceLineEndings("\n");

        Assert.True(text.Contains(table, StringComparison.Ordinal), $"docs/audit.md should hold:\n\n{table}");
    }

    private Task<IReadOnlyList<AuditRow>> PullsOfAsync(string registry) => setup.Server.AuditAsync(setup.Admin, new AuditFilter(registry, Kind: EventKind.Pulls));

    private static async Task PullAsync(RegistryClient image, string path)
    {
        using var answer = await image.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}");
    }

    private Task SwitchAsync(string registry, bool isOn) => setup.Registries.ChangeAsync(setup.Admin, registry, new RegistrySettings(RecordsPulls: isOn), CancellationToken.None);
}
