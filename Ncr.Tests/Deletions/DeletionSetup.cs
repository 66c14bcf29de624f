using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Deletions;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Deletions;

/// <summary>A server whose time the tests move on, where what is deleted can be restored for a day.</summary>
public sealed class DeletionSetup : IAsyncLifetime
{
    public ShiftedClock Clock { get; } = new();

    public NcrServer Server { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public Actor Admin => Server.Administrator;

    public DeletionService Deletions => Get<DeletionService>();

    public ImageService Images => Get<ImageService>();

    public ArtifactService Artifacts => Get<ArtifactService>();

    public TagService Tags => Get<TagService>();

    public RegistryService Registries => Get<RegistryService>();

    public async Task InitializeAsync()
    {
        Server = await NcrServer.StartAsync(
            settings =>
            {
                settings["Ncr:Collection:Interval"] = "1.00:00:00";
                settings["Ncr:Collection:Pace"] = "100000";
            },
            Clock);
        Http = Server.CreateClient();
        Clock.Advance(TimeSpan.FromMinutes(11)); // A server that has just started holds everything.
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }

    public async Task<RegistryClient> NewImageAsync(string image = "app") =>
        new(Http, $"{(await Registries.CreateAsync(Admin, $"r{Guid.NewGuid():n}", null, CancellationToken.None)).Name}/{image}");

    /// <summary>The one deletion whose name holds this.</summary>
    public async Task<DeletionRow> FindAsync(string name) =>
        Assert.Single((await Deletions.ListAsync(Admin, new PageRequest(Search: name), CancellationToken.None)).Items);

    public Task<RestoreResult> RestoreAsync(long id) => Deletions.RestoreAsync(Admin, id, CancellationToken.None);

    public async Task CollectAsync()
    {
        var collection = Get<CollectionService>();
        await collection.CollectAsync(Admin, false, null, CancellationToken.None);
        Clock.Advance(TimeSpan.FromMinutes(2));
        await collection.CollectAsync(Admin, false, null, CancellationToken.None);
    }

    internal Task PurgeExpiredAsync() => Get<DeletionPurger>().PurgeExpiredAsync(CancellationToken.None);

    internal async Task<T> QueryAsync<T>(Func<NcrDbContext, Task<T>> query)
    {
        await using var db = await Get<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        return await query(db);
    }

    /// <summary>What images and registries say of themselves is what counting finds.</summary>
    public async Task AssertFiguresAsync() => await QueryAsync(async db =>
    {
        foreach (var image in await db.Images.Where(i => i.DeletionId == null).ToListAsync())
        {
            var blobs = await db.ArtifactBlobs.Where(b => b.ImageId == image.Id).Select(b => b.BlobId).Distinct().Join(db.Blobs, id => id, b => b.Id, (_, b) => b.Size).SumAsync();
            var artifacts = await db.Artifacts.Where(a => a.ImageId == image.Id).ToListAsync();
            Assert.Equal((image.Name, blobs + artifacts.Sum(a => (long)a.ManifestSize), artifacts.Count, await db.Tags.CountAsync(t => t.ImageId == image.Id)), (image.Name, image.Size, image.ArtifactCount, image.TagCount));
        }

        foreach (var registry in await db.Registries.Where(r => r.DeletionId == null).ToListAsync())
        {
            var images = await db.Images.Where(i => i.RegistryId == registry.Id && i.DeletionId == null && i.PushedAt != null).Select(i => i.Id).ToListAsync();
            var blobs = await db.ArtifactBlobs.Where(b => b.RegistryId == registry.Id).Select(b => b.BlobId).Distinct().Join(db.Blobs, id => id, b => b.Id, (_, b) => b.Size).SumAsync();
            var manifests = await db.Artifacts.Where(a => images.Contains(a.ImageId)).SumAsync(a => (long)a.ManifestSize);
            Assert.Equal((registry.Name, blobs + manifests, images.Count), (registry.Name, registry.Size, registry.ImageCount));
        }

        Assert.Empty(await db.ArtifactBlobs.Where(b => b.RegistryId != 0 && !db.ImageBlobs.Any(l => l.ImageId == b.ImageId && l.BlobId == b.BlobId)).ToListAsync());
        return true;
    });

    private T Get<T>()
        where T : notnull => Server.Services.GetRequiredService<T>();
}
