using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Figures;
using Ncr.Core.Images;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Figures;

/// <summary>Each test has a server of its own: the overview is of all that a server has.</summary>
public sealed class OverviewTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private NcrServer _server = null!;
    private HttpClient _http = null!;

    private Actor Admin => _server.Administrator;

    public async Task InitializeAsync()
    {
        _server = await NcrServer.StartAsync(clock: _clock);
        _http = _server.CreateClient();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Get_OfAStranger_IsDenied()
    {
        var exception = await Assert.ThrowsAsync<NcrException>(() => Overviews.GetAsync(new Actor(4711, "stranger"), CancellationToken.None));

        Assert.Equal(NcrError.Denied, exception.Error);
    }

    [Fact]
    public async Task Get_OfANewServer_HasNothingToLookAfter()
    {
        var overview = await GetAsync();

        Assert.Equal((2, 0L, 0L), (overview.Registries, overview.Images, overview.Stored?.Bytes));
        Assert.Equal(Overview.DaysCounted, overview.Days.Count);
        Assert.All(overview.Days, d => Assert.Equal((0, 0), (d.Pushes, d.Pulls)));
        Assert.Equal(Today, Assert.Single(overview.Storage).Day);
        Assert.True(!overview.Attention.IsNeeded || overview.Attention is { Disk: not null, OldKeys.Count: 0, DamagedBlobs: 0, FailedCheck: null, FailedCollection: null });
        Assert.Null(overview.Collection);
        Assert.Null(overview.Check);
    }

    [Fact]
    public async Task Figures_CountRegistriesImagesPushesAndPullsByDay()
    {
        var image = Client("team/web");
        await image.PushAsync(new ImageBuilder(), "1.0");
        await image.PushAsync(new ImageBuilder(), "2.0");
        _clock.Advance(TimeSpan.FromDays(1));
        await Client("other/app").PushAsync(new ImageBuilder(), "1.0");
        (await image.GetAsync("manifests/1.0")).Dispose();
        await _server.Services.GetRequiredService<PullRecorder>().FlushAsync();

        var overview = await GetAsync();

        Assert.Equal((2, 2L), (overview.Registries, overview.Images));
        Assert.Equal([new DayCount(Today.AddDays(-1), 2, 0), new DayCount(Today, 1, 1)], overview.Days.TakeLast(2));

        await _server.Services.GetRequiredService<RegistryService>().DeleteAsync(Admin, "team", CancellationToken.None);
        overview = await GetAsync();
        Assert.Equal((1, 1L), (overview.Registries, overview.Images));
        Assert.Equal(3, overview.Days.Sum(d => d.Pushes));
    }

    [Fact]
    public async Task Activity_FoldsPushesToOneImageAndAnArtifactsDeletionWithItsTags()
    {
        var (web, api) = (Client("team/web"), Client("team/api"));
        await web.PushAsync(new ImageBuilder(), "0.9");
        await api.PushAsync(new ImageBuilder(), "1.0");
        foreach (var tag in new[] { "1.0", "1.1", "1.2", "1.3" })
        {
            await web.PushAsync(new ImageBuilder(), tag);
        }

        var content = new ImageBuilder();
        var pushed = await api.PushAsync(content, "2.0");
        await api.PushAsync(content, "2.1");
        await _server.Services.GetRequiredService<ArtifactService>().DeleteAsync(Admin, ImageName.Parse(api.Name), Digest.Parse(pushed.Digest), withParts: true, CancellationToken.None);

        var rows = (await GetAsync()).Activity;

        Assert.Equal(
            [
                "artifact.delete team/api 1: 2.0 2.1 (2)", "artifact.push team/api 2: 2.1 2.0 (2)", "artifact.push team/web 4: 1.3 1.2 1.1 (4)", "artifact.push team/api 1: 1.0 (1)",
                "artifact.push team/web 1: 0.9 (1)",
            ],
            rows.Take(5).Select(r => $"{r.Type} {r.Image} {r.Count}: {string.Join(' ', r.Tags.Order(r.Type == EventTypes.ArtifactDeleted ? StringComparer.Ordinal : Comparer<string>.Create((_, _) => 0)))} ({r.TagCount})"));
        Assert.All(rows.Take(5), r => Assert.Equal((true, Admin.Name), (r.IsThere, r.Actor)));
        Assert.Equal(pushed.Digest, rows[0].Digest);
        Assert.Null(rows[2].Digest);
    }

    [Fact]
    public async Task Activity_OfTwoPeopleInOneImage_IsTwoRows()
    {
        var content = new ImageBuilder();
        await Client("team/web").PushAsync(content, "1.0");
        Assert.True(Reference.TryParse("2.0", out var tag));
        await _server.Services.GetRequiredService<PushService>().PushAsync(Actor.System, ImageName.Parse("team/web"), tag, [], content.Build(), content.MediaType, CancellationToken.None);

        var rows = (await GetAsync()).Activity;

        Assert.Equal([(Actor.System.Name, "2.0"), (Admin.Name, "1.0")], rows.Take(2).Select(r => (r.Actor, string.Join(' ', r.Tags))));
    }

    [Fact]
    public async Task Activity_OfWhatIsGone_LeadsNowhere()
    {
        await Client("team/web").PushAsync(new ImageBuilder(), "1.0");
        await _server.Services.GetRequiredService<ImageService>().DeleteAsync(Admin, ImageName.Parse("team/web"), CancellationToken.None);

        var rows = (await GetAsync()).Activity;

        Assert.Equal([(EventTypes.ImageDeleted, false), (EventTypes.ArtifactPushed, false)], rows.Take(2).Select(r => (r.Type, r.IsThere)));
        Assert.Contains(rows, r => r is { Type: EventTypes.RegistryCreated, Registry: "team", IsThere: true });
    }

    [Fact]
    public async Task OldKeys_AreOnesOwnAndForAdministratorsEverybodys()
    {
        await AddUserWithKeyAsync("anna", "annaskey");
        _clock.Advance(AccessKeyRow.RecommendedAge + TimeSpan.FromHours(1));
        await _server.CreateAccessKeyAsync();

        Assert.Equal([(_server.AccessKey, Admin.Name, true), ("annaskey", "anna", false)], (await GetAsync()).Attention.OldKeys.Select(k => (k.Key, k.User, k.IsOwn)));

        await _server.SetAccessKeyEnabledAsync(_server.AccessKey, false);
        Assert.Equal("annaskey", Assert.Single((await GetAsync()).Attention.OldKeys).Key);
    }

    [Fact]
    public async Task Damage_AndAFailedCollection_NeedAttention()
    {
        var pushed = await Client("team/web").PushAsync(new ImageBuilder(), "1.0");
        Assert.NotNull(pushed);
        await ExecuteAsync("""UPDATE "Blobs" SET "DamagedAt" = "CreatedAt", "Damage" = 'lost' WHERE "Id" = 1""");
        var history = _server.Services.GetRequiredService<CollectionHistory>();
        var now = _clock.GetUtcNow().UtcDateTime;
        await history.AddAsync(new CollectionRunRow(0, now, now, null, false, 0, 0, 0, 0, 0, 0, "The disk is full."), CancellationToken.None);

        var attention = (await GetAsync()).Attention;

        Assert.True(attention.IsNeeded);
        Assert.Equal((1, "The disk is full."), (attention.DamagedBlobs, attention.FailedCollection?.Error));

        // Rounds that free nothing leave no row, so a failure that was not repeated is over.
        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Null((await GetAsync()).Attention.FailedCollection);
    }

    [Theory]
    [InlineData(50, 100, 10, false, false)]
    [InlineData(9, 100, 0, true, false)]
    [InlineData(10, 100, 0, true, false)]
    [InlineData(11, 100, 0, false, false)]
    [InlineData(50, 100, 51, true, true)]
    public void Disk_IsNearlyFullByShareOrBySetting(long free, long size, long minFree, bool nearlyFull, bool low)
    {
        var disk = new DiskRoom(free, size, minFree);

        Assert.Equal((nearlyFull, low), (disk.IsNearlyFull, disk.IsLow));
    }

    [Fact]
    public async Task Samples_AreOneADay_AndOldOnesGo()
    {
        var sampler = _server.Services.GetRequiredService<StorageSampler>();
        await ExecuteAsync("""INSERT INTO "StorageSamples" VALUES ('2020-01-01', 7, 1); INSERT INTO "DailyFigures" VALUES ('2020-01-01', 1, 7, 7)""");
        await Client("team/web").PushAsync(new ImageBuilder(layerContents: [Oci.RandomBytes(5000)]), "1.0");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await sampler.SampleAsync(CancellationToken.None);
        await Client("team/web").PushAsync(new ImageBuilder(layerContents: [Oci.RandomBytes(7000)]), "2.0");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await sampler.SampleAsync(CancellationToken.None);
        _clock.Advance(TimeSpan.FromDays(3));
        await sampler.SampleAsync(CancellationToken.None);

        await using var db = await OpenAsync();
        var samples = await db.StorageSamples.OrderBy(s => s.Day).ToListAsync();
        var bytes = await db.Blobs.SumAsync(b => b.Size);
        Assert.Equal([Today.AddDays(-3), Today], samples.Select(s => s.Day));
        Assert.All(samples, s => Assert.Equal((bytes, 4L), (s.Size, s.Blobs)));
        Assert.False(await db.DailyFigures.AnyAsync(f => f.Day < new DateOnly(2021, 1, 1)));
        Assert.Equal([new StoredOnDay(Today.AddDays(-3), bytes), new StoredOnDay(Today, bytes)], (await GetAsync()).Storage);
    }

    [Fact]
    public async Task Samples_BeginByThemselvesAfterTheStart()
    {
        await using var db = await OpenAsync();
        for (var i = 0; i < 150 && !await db.StorageSamples.AnyAsync(); i++)
        {
            await Task.Delay(100);
        }

        Assert.Equal(Today, (await db.StorageSamples.SingleAsync()).Day);
    }

    private OverviewService Overviews => _server.Services.GetRequiredService<OverviewService>();

    private DateOnly Today => DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);

    private Task<Overview> GetAsync() => Overviews.GetAsync(Admin, CancellationToken.None);

    private RegistryClient Client(string image) => new(_http, image);

    private Task<NcrDbContext> OpenAsync() => _server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();

    private async Task ExecuteAsync(string sql)
    {
        await using var db = await OpenAsync();
        await db.Database.ExecuteSqlRawAsync(sql);
    }

    private async Task AddUserWithKeyAsync(string name, string key)
    {
        await using var db = await OpenAsync();
        var now = _clock.GetUtcNow().UtcDateTime;
        var user = new User { Name = name, PasswordHash = "", Role = Role.None, CreatedAt = now };
        db.AccessKeys.Add(new AccessKey { User = user, Key = key, SecretHash = "", IsEnabled = true, CreatedAt = now, SecretCreatedAt = now });
        await db.SaveChangesAsync();
    }
}
