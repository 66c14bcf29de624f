using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;
using Ncr.Core.Images;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Blobs;

/// <summary>What is collected, when, and what is not.</summary>
public sealed class CollectionTests(CollectionSetup setup) : IClassFixture<CollectionSetup>
{
    [Fact]
    public async Task Upload_NeverNamedByAManifest_GoesAfterTheGraceTimeAndNotBefore()
    {
        var image = setup.NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(1000));
        var file = await setup.GetFileAsync(digest);

        setup.Clock.Advance(CollectionSetup.Grace - TimeSpan.FromMinutes(5));
        await setup.CollectAsync();
        Assert.True(File.Exists(file));

        setup.Clock.Advance(TimeSpan.FromMinutes(6));
        var run = await setup.CollectAsync();

        Assert.True(run.Blobs >= 1 && run.BlobBytes >= 1000);
        Assert.Null(await setup.FindFileAsync(digest));
        Assert.True(File.Exists(file), "Somebody may be about to read it.");
        setup.Clock.Advance(TimeSpan.FromMinutes(2));
        await setup.CollectAsync();
        Assert.False(File.Exists(file));
        Assert.False(await setup.QueryAsync(db => db.Images.AnyAsync(i => i.Name == image.Name)), "An image that never got a manifest goes with its last link.");
    }

    [Fact]
    public async Task Artifact_WhileItIsThere_KeepsItsBlobs()
    {
        var image = setup.NewImage();
        var built = new ImageBuilder();
        await image.PushAsync(built, "v1");

        setup.Clock.Advance(TimeSpan.FromDays(3));
        await setup.CollectWithContentAsync();

        await AssertWholeAsync(image, built);
    }

    [Fact]
    public async Task Artifact_Deleted_FreesWhatNobodyElseNeeds()
    {
        var (image, other) = (setup.NewImage(), setup.NewImage("other"));
        var (shared, own) = (Oci.RandomBytes(500), Oci.RandomBytes(700));
        var (first, second, third) = (new ImageBuilder(layerContents: [shared, own]), new ImageBuilder(layerContents: [shared]), new ImageBuilder(layerContents: [shared]));
        var pushed = await image.PushAsync(first, "v1");
        await image.PushAsync(second, "v2");
        await other.PushAsync(third, "v3");
        Assert.Equal(HttpStatusCode.Accepted, await CollectionSetup.DeleteAsync(image, "manifests/" + pushed.Digest));

        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();

        Assert.Equal(HttpStatusCode.NotFound, await CollectionSetup.HeadBlobAsync(image, Oci.Digest(own)));
        Assert.Equal(HttpStatusCode.NotFound, await CollectionSetup.HeadBlobAsync(image, first.ConfigDigest));
        await AssertWholeAsync(image, second);
        await AssertWholeAsync(other, third);
        Assert.Null(await setup.FindFileAsync(Oci.Digest(own)));
    }

    [Fact]
    public async Task Artifact_Deleted_LosesItsLinkInThisImageWhileAnotherKeepsTheBlob()
    {
        var (image, other) = (setup.NewImage(), setup.NewImage());
        var built = new ImageBuilder();
        var pushed = await image.PushAsync(built, "v1");
        await other.PushAsync(built, "v1");
        await CollectionSetup.DeleteAsync(image, "manifests/" + pushed.Digest);

        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();

        Assert.Equal(HttpStatusCode.NotFound, await CollectionSetup.HeadBlobAsync(image, built.LayerDigests[0]));
        await AssertWholeAsync(other, built);
    }

    [Fact]
    public async Task Image_Deleted_FreesItsBlobs()
    {
        var image = setup.NewImage();
        var built = new ImageBuilder();
        await image.PushAsync(built, "v1");
        var stray = await image.PushBlobAsync(Oci.RandomBytes(300));
        await setup.Server.Services.GetRequiredService<ImageService>().DeleteAsync(setup.Server.Administrator, ImageName.Parse(image.Name), CancellationToken.None);

        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();

        foreach (var digest in built.LayerDigests.Append(built.ConfigDigest).Append(stray))
        {
            Assert.Null(await setup.FindFileAsync(digest));
        }
    }

    [Fact]
    public async Task Registry_Deleted_FreesTheBlobsOfPushesThatWereGivenUp()
    {
        var registries = setup.Server.Services.GetRequiredService<RegistryService>();
        var registry = (await registries.CreateAsync(setup.Server.Administrator, $"r{Guid.NewGuid():n}", null, CancellationToken.None)).Name;
        var content = Oci.RandomBytes(300);
        var digest = await setup.NewImage(registry).PushBlobAsync(content);
        await setup.NewImage(registry).PushBlobAsync(content);
        await registries.DeleteAsync(setup.Server.Administrator, registry, CancellationToken.None);

        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();

        Assert.Null(await setup.FindFileAsync(digest));
    }

    [Fact]
    public async Task Blob_DeletedByAClient_FreesItsContent()
    {
        var image = setup.NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(300));
        Assert.Equal(HttpStatusCode.Accepted, await CollectionSetup.DeleteAsync(image, "blobs/" + digest));
        Assert.NotNull(await setup.FindFileAsync(digest));

        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();

        Assert.Null(await setup.FindFileAsync(digest));
        Assert.False(await setup.QueryAsync(db => db.Images.AnyAsync(i => i.Name == image.Name)));
    }

    [Fact]
    public async Task Head_OfAPush_KeepsTheBlobForAnotherGraceTime()
    {
        var image = setup.NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(300));
        for (var i = 0; i < 3; i++)
        {
            setup.Clock.Advance(CollectionSetup.Grace - TimeSpan.FromMinutes(1));
            Assert.Equal(HttpStatusCode.OK, await CollectionSetup.HeadBlobAsync(image, digest));
            if (i == 1)
            {
                // Written behind or only in memory makes no difference.
                await setup.Server.Services.GetRequiredService<BlobUses>().FlushAsync(everything: true);
            }
        }

        setup.Clock.Advance(CollectionSetup.Grace - TimeSpan.FromMinutes(1));
        await setup.CollectAsync();
        Assert.NotNull(await setup.FindFileAsync(digest));
        setup.Clock.Advance(TimeSpan.FromMinutes(5));
        await setup.CollectWithContentAsync();
        Assert.Null(await setup.FindFileAsync(digest));
    }

    [Fact]
    public async Task Head_NotFollowedByAPush_IsWrittenBehindOnce()
    {
        var image = setup.NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(300));
        var uses = setup.Server.Services.GetRequiredService<BlobUses>();
        setup.Clock.Advance(TimeSpan.FromMinutes(30));
        await CollectionSetup.HeadBlobAsync(image, digest);
        await uses.FlushAsync(everything: false);
        var first = await UsedAtAsync(digest);

        setup.Clock.Advance(TimeSpan.FromMinutes(1));
        await CollectionSetup.HeadBlobAsync(image, digest);
        await uses.FlushAsync(everything: false);
        Assert.Equal(first, await UsedAtAsync(digest));

        setup.Clock.Advance(TimeSpan.FromMinutes(10));
        await uses.FlushAsync(everything: false);
        Assert.InRange((await UsedAtAsync(digest) - first).TotalSeconds, 59, 90);
    }

    [Fact]
    public async Task Uses_MoreThanMemoryHolds_HoldEverything()
    {
        var uses = setup.Server.Services.GetRequiredService<BlobUses>();
        var digest = await setup.NewImage().PushBlobAsync(Oci.RandomBytes(300));
        for (var i = 0; i <= BlobUses.MaxUses; i++)
        {
            await uses.AddAsync(-1, -i, uses.Version);
        }

        setup.Clock.Advance(CollectionSetup.Grace - TimeSpan.FromMinutes(1));
        await setup.CollectAsync();
        Assert.NotNull(await setup.FindFileAsync(digest));
        await uses.FlushAsync(everything: true);
        setup.Clock.Advance(TimeSpan.FromMinutes(2));
        await setup.CollectWithContentAsync();
        Assert.Null(await setup.FindFileAsync(digest));
    }

    [Fact]
    public async Task Uses_MoreThanMemoryHolds_WhileACollectionWaitsForItsTurn_HoldEverything()
    {
        var services = setup.Server.Services;
        var uses = services.GetRequiredService<BlobUses>();
        var digest = await setup.NewImage().PushBlobAsync(Oci.RandomBytes(300));
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        var (entered, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var writing = services.GetRequiredService<WriteGate>().RunAsync(
            async (_, _) =>
            {
                entered.TrySetResult();
                await end.Task;
                return true;
            },
            CancellationToken.None);
        await entered.Task;
        var round = new CollectionRound(services.GetRequiredService<NcrOptions>().Collection, setup.Clock, _ => { });

        var collecting = services.GetRequiredService<LinkCollector>().RunAsync(round, 0, CancellationToken.None);
        for (var i = 0; i <= BlobUses.MaxUses; i++)
        {
            await uses.AddAsync(-1, -i, uses.Version);
        }

        end.SetResult();
        await writing;
        await collecting;

        Assert.Equal(0, round.Blobs);
        Assert.NotNull(await setup.FindFileAsync(digest));
        await uses.FlushAsync(everything: true);
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();
        Assert.Null(await setup.FindFileAsync(digest));
    }

    [Fact]
    public async Task Mount_OfABlobAboutToGo_KeepsItInTheNewImage()
    {
        var (image, other) = (setup.NewImage(), setup.NewImage());
        var content = Oci.RandomBytes(300);
        var digest = await image.PushBlobAsync(content);
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Created, await CollectionSetup.MountAsync(other, digest, image.Name));

        await setup.CollectWithContentAsync();

        using var response = await other.GetAsync("blobs/" + digest);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();
        Assert.Null(await setup.FindFileAsync(digest));
    }

    [Fact]
    public async Task UploadAgain_OfALinkedBlob_CountsAsUse()
    {
        var image = setup.NewImage();
        var content = Oci.RandomBytes(300);
        var digest = await image.PushBlobAsync(content);
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await image.PushBlobAsync(content);

        await setup.CollectWithContentAsync();

        Assert.NotNull(await setup.FindFileAsync(digest));
    }

    [Fact]
    public async Task UploadAgain_WhileTheOldContentIsBeingDiscarded_IsContentOfItsOwn()
    {
        var image = setup.NewImage();
        var content = Oci.RandomBytes(300);
        var digest = await image.PushBlobAsync(content);
        var old = await setup.GetFileAsync(digest);
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectAsync();
        Assert.Equal(HttpStatusCode.NotFound, await CollectionSetup.HeadBlobAsync(image, digest));

        await image.PushBlobAsync(content);
        setup.Clock.Advance(TimeSpan.FromMinutes(2));
        await setup.CollectAsync();

        Assert.False(File.Exists(old));
        using var response = await image.GetAsync("blobs/" + digest);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task DryRun_SaysWhatWouldGoAndChangesNothing()
    {
        await setup.CollectWithContentAsync();
        var image = setup.NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(12_345));
        await image.PushAsync(new ImageBuilder(), "v1");
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        var before = await StateAsync();

        var run = await setup.CollectAsync(dryRun: true);

        Assert.True(run.IsDryRun);
        Assert.True(run.Blobs >= 1 && run.BlobBytes >= 12_345);
        Assert.Equal(before, await StateAsync());
        var real = await setup.CollectAsync();
        Assert.Equal((run.Blobs, run.BlobBytes), (real.Blobs, real.BlobBytes));
        Assert.Null(await setup.FindFileAsync(digest));

        async Task<string> StateAsync() => await setup.QueryAsync(async db =>
            $"{await db.Blobs.CountAsync()} {await db.ImageBlobs.CountAsync()} {await db.BlobCandidates.CountAsync()} {await db.DiscardedContent.CountAsync()} {Directory.GetFiles(setup.BlobFolder, "*", SearchOption.AllDirectories).Length}");
    }

    [Fact]
    public async Task Status_TellsWhatGoesNowAndLaterAndWhen()
    {
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();
        var now = setup.Clock.GetUtcNow().UtcDateTime;
        await setup.NewImage().PushBlobAsync(Oci.RandomBytes(1111));
        await setup.NewImage().PushAsync(new ImageBuilder(), "v1");

        var status = await FreshStatusAsync();
        Assert.Equal((0L, 1L, 1111L), (status.Now.Count, status.Later.Count, status.Later.Bytes));
        Assert.InRange(status.NextAt!.Value, now + CollectionSetup.Grace, now + CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        Assert.Equal(status.NextAt, status.LastAt);

        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        status = await FreshStatusAsync();
        Assert.Equal((1L, 1111L, 0L), (status.Now.Count, status.Now.Bytes, status.Later.Count));
        await setup.CollectAsync();
        Assert.Equal((0L, 1L), ((await FreshStatusAsync()).Now.Count, (await FreshStatusAsync()).Discarded.Count));
    }

    [Fact]
    public async Task Runs_OfAPersonAreListed_AndOwnOnesOnlyWhenTheyFreedSomething()
    {
        var collector = setup.Server.Services.GetRequiredService<Collector>();
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectWithContentAsync();
        var asked = await setup.CollectAsync();
        await collector.RunOwnAsync(CancellationToken.None);
        var last = (await setup.Collection.ListRunsAsync(setup.Server.Administrator, new(), CancellationToken.None)).Items[0];
        Assert.Equal((asked.Id, "admin", true), (last.Id, last.StartedBy, last.EndedAt is not null));

        await setup.NewImage().PushBlobAsync(Oci.RandomBytes(777));
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await collector.RunOwnAsync(CancellationToken.None);
        last = (await setup.Collection.ListRunsAsync(setup.Server.Administrator, new(), CancellationToken.None)).Items[0];
        Assert.Equal((null, 1, 777L), (last.StartedBy, last.Blobs, last.BlobBytes));
    }

    [Fact]
    public async Task Runs_BeyondAThousand_LoseTheOldest()
    {
        var history = setup.Server.Services.GetRequiredService<CollectionHistory>();
        var row = (await setup.CollectAsync()) with { StartedBy = "many" };
        for (var i = 0; i < CollectionHistory.MaxRuns + 5; i++)
        {
            await history.AddAsync(row, CancellationToken.None);
        }

        Assert.Equal(CollectionHistory.MaxRuns, (await setup.Collection.ListRunsAsync(setup.Server.Administrator, new(), CancellationToken.None)).Total);
    }

    [Fact]
    public async Task Collection_AskedByNobody_IsRefused()
    {
        var refusal = await Assert.ThrowsAsync<NcrException>(() => setup.Collection.CollectAsync(Actor.Anonymous("127.0.0.1"), dryRun: true, null, CancellationToken.None));
        Assert.Equal(NcrError.Unauthenticated, refusal.Error);
        await Assert.ThrowsAsync<NcrException>(() => setup.Collection.GetStatusAsync(Actor.Anonymous(null), CancellationToken.None));
        await Assert.ThrowsAsync<NcrException>(() => setup.Collection.ListRunsAsync(Actor.Anonymous(null), new(), CancellationToken.None));
        await Assert.ThrowsAsync<NcrException>(() => setup.Collection.GetFiguresAsync(Actor.Anonymous(null), CancellationToken.None));
    }

    private async Task<CollectionStatus> FreshStatusAsync()
    {
        setup.Clock.Advance(TimeSpan.FromSeconds(30)); // Figures are kept for as long as reading them took, twenty times over.
        return await setup.Collection.GetStatusAsync(setup.Server.Administrator, CancellationToken.None);
    }

    private Task<DateTime> UsedAtAsync(string digest) => setup.QueryAsync(db => db.ImageBlobs.Where(l => l.Blob!.Digest == digest).Select(l => l.UsedAt).SingleAsync());

    private static async Task AssertWholeAsync(RegistryClient image, ImageBuilder built)
    {
        foreach (var blob in built.Blobs)
        {
            using var response = await image.GetAsync("blobs/" + Oci.Digest(blob));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(blob, await response.Content.ReadAsByteArrayAsync());
        }
    }
}
