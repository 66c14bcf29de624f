using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Backups;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Hosting;
using Ncr.Tests.Support;

namespace Ncr.Tests.Blobs;

/// <summary>What crashes and faults leave: uploads, files without a row, content that can't be deleted.</summary>
public sealed class CollectionLeftoverTests(CollectionSetup setup) : IClassFixture<CollectionSetup>
{
    [Fact]
    public async Task Orphan_OldEnough_IsSweptAndContentWithARowStays()
    {
        var image = setup.NewImage();
        var built = new ImageBuilder();
        await image.PushAsync(built, "v1");
        var orphan = NewFile("ab", 4321);
        var young = NewFile("ff", 10, age: TimeSpan.FromMinutes(10));

        var dry = await setup.CollectAsync(dryRun: true);
        Assert.True(File.Exists(orphan));
        Assert.Equal((1, 4321L), (dry.Orphans, dry.OrphanBytes));

        var run = await setup.CollectAsync();

        Assert.Equal((1, 4321L), (run.Orphans, run.OrphanBytes));
        Assert.False(File.Exists(orphan));
        Assert.True(File.Exists(young), "It may be of an upload that is about to get its row.");
        File.Delete(young);
        setup.Clock.Advance(TimeSpan.FromDays(1));
        await setup.CollectAsync();
        foreach (var blob in built.Blobs)
        {
            Assert.True(File.Exists(await setup.GetFileAsync(Oci.Digest(blob))));
        }
    }

    [Fact]
    public async Task Orphan_OfAnUploadBeingCompleted_WaitsForItsRow()
    {
        // Its bytes may be older than the grace time: the upload took long and is completed just now.
        var file = NewFile("cd", 99);
        var completing = setup.Server.Services.GetRequiredService<PendingCommits>().Begin();

        var sweep = setup.CollectAsync();
        await Task.Delay(300);
        Assert.False(sweep.IsCompleted);
        Assert.True(File.Exists(file));

        await setup.Server.Services.GetRequiredService<Ncr.Core.Data.WriteGate>().RunAsync(
            (db, _) =>
            {
                db.Blobs.Add(new Ncr.Core.Blobs.Blob { Digest = Oci.UnknownDigest(), Location = $"cd/{Path.GetFileName(file)}", Size = 99, CreatedAt = setup.Clock.GetUtcNow().UtcDateTime });
                return Task.FromResult(true);
            },
            CancellationToken.None);
        completing.Dispose();
        await sweep;
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Orphans_OfTheServersOwnRounds_AreFoundFolderByFolderWithinADay()
    {
        var orphan = NewFile("03", 55);
        var collector = setup.Server.Services.GetRequiredService<Collector>();
        var rounds = 0;
        while (File.Exists(orphan) && rounds++ < OrphanSweeper.Parts + 10)
        {
            setup.Clock.Advance(TimeSpan.FromMinutes(6));
            await collector.RunOwnAsync(CancellationToken.None);
        }

        Assert.False(File.Exists(orphan));
    }

    [Fact]
    public async Task Content_DiscardedBeforeACrash_IsDeletedAfterwards()
    {
        var digest = await setup.NewImage().PushBlobAsync(Oci.RandomBytes(300));
        var file = await setup.GetFileAsync(digest);
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectAsync();
        File.Delete(file); // The crash came after the file went and before its row did.

        setup.Clock.Advance(TimeSpan.FromMinutes(2));
        var run = await setup.CollectAsync();

        Assert.Null(run.Error);
        Assert.Equal(0, await setup.QueryAsync(db => db.DiscardedContent.CountAsync()));
    }

    [Fact]
    public async Task Content_ThatCannotBeDeleted_IsReportedOnceAndHoldsUpNothing()
    {
        var (stuck, fine) = (await setup.NewImage().PushBlobAsync(Oci.RandomBytes(300)), await setup.NewImage().PushBlobAsync(Oci.RandomBytes(300)));
        var (stuckFile, fineFile) = (await setup.GetFileAsync(stuck), await setup.GetFileAsync(fine));
        File.Delete(stuckFile);
        Directory.CreateDirectory(stuckFile); // No file, and so nothing that can be deleted like one.
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectAsync();
        setup.Clock.Advance(TimeSpan.FromMinutes(2));

        var run = await setup.CollectAsync();
        Assert.Contains("could not be deleted", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(fineFile));
        Assert.Null((await setup.CollectAsync()).Error);

        Directory.Delete(stuckFile);
        await setup.CollectAsync();
        Assert.Equal(0, await setup.QueryAsync(db => db.DiscardedContent.CountAsync()));
    }

    [Fact]
    public async Task Content_WhileABackupRuns_Stays()
    {
        var digest = await setup.NewImage().PushBlobAsync(Oci.RandomBytes(300));
        var file = await setup.GetFileAsync(digest);
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));
        await setup.CollectAsync();
        setup.Clock.Advance(TimeSpan.FromMinutes(2));
        var orphan = NewFile("77", 20);
        await using (await BackupLease.TakeAsync(setup.Server.Services.GetRequiredService<DataFolder>(), setup.Clock, CancellationToken.None))
        {
            await setup.CollectAsync();
            Assert.Null(await setup.FindFileAsync(digest));
            Assert.True(File.Exists(file));
            Assert.True(File.Exists(orphan));
        }

        await setup.CollectAsync();
        Assert.False(File.Exists(file));
        Assert.False(File.Exists(orphan));
    }

    [Fact]
    public async Task Blob_WithDamagedContent_IsCollectedLikeAnyOther()
    {
        var (gone, cut) = (await setup.NewImage().PushBlobAsync(Oci.RandomBytes(300)), await setup.NewImage().PushBlobAsync(Oci.RandomBytes(300)));
        var cutFile = await setup.GetFileAsync(cut);
        File.Delete(await setup.GetFileAsync(gone));
        await File.WriteAllBytesAsync(cutFile, [1]);
        setup.Clock.Advance(CollectionSetup.Grace + TimeSpan.FromMinutes(1));

        await setup.CollectWithContentAsync();

        Assert.Null(await setup.FindFileAsync(gone));
        Assert.Null(await setup.FindFileAsync(cut));
        Assert.False(File.Exists(cutFile));
    }

    [Fact]
    public async Task Upload_Untouched_IsGivenUpAndOneInUseIsNot()
    {
        var image = setup.NewImage();
        var (left, used) = (await image.OpenUploadAsync(), await image.OpenUploadAsync());
        (await image.PatchAsync(left, Oci.RandomBytes(2000))).Dispose();
        (await image.PatchAsync(used, Oci.RandomBytes(1000))).Dispose();
        foreach (var file in Directory.GetFiles(Path.Combine(setup.Server.DataFolder, "uploads")))
        {
            File.SetLastWriteTimeUtc(file, setup.Clock.GetUtcNow().UtcDateTime);
        }

        setup.Clock.Advance(TimeSpan.FromHours(25));
        (await image.PatchAsync(used, Oci.RandomBytes(10))).Dispose(); // Memory knows that it is in use, though the file's time is the real one.

        var dry = await setup.CollectAsync(dryRun: true);
        Assert.Equal((1, 2000L), (dry.Uploads, dry.UploadBytes));
        var run = await setup.CollectAsync();
        Assert.Equal((1, 2000L), (run.Uploads, run.UploadBytes));
        using var gone = await image.GetAsync(left[(left.IndexOf("blobs/", StringComparison.Ordinal))..]);
        await gone.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        using var there = await image.PatchAsync(used, Oci.RandomBytes(10));
        Assert.Equal(HttpStatusCode.Accepted, there.StatusCode);
    }

    [Fact]
    public async Task Start_AfterAnEndThatWasNotClean_HoldsEverythingForTheGraceTime_ThroughACleanStopToo()
    {
        var clock = new ShiftedClock();
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Collection:Interval"] = "1.00:00:00", clock);
        using var http = server.CreateClient();
        await new RegistryClient(http, RegistryClient.UniqueName()).PushBlobAsync(Oci.RandomBytes(300));
        var state = Path.Combine(server.DataFolder, "uses.state");
        var running = await File.ReadAllTextAsync(state);
        clock.Advance(TimeSpan.FromHours(3));
        await server.StopAsync();
        Assert.False(File.Exists(state)); // All uses are written, and nothing was held any more.

        await File.WriteAllTextAsync(state, running); // As a kill leaves it.
        await server.RestartAsync();
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(0, await CollectAsync());
        await server.RestartAsync();
        clock.Advance(TimeSpan.FromMinutes(100));
        Assert.Equal(0, await CollectAsync());
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, await CollectAsync());

        async Task<int> CollectAsync() =>
            (await server.Services.GetRequiredService<CollectionService>().CollectAsync(server.Administrator, false, null, CancellationToken.None)).Blobs;
    }

    [Fact]
    public async Task Start_HoldsEverythingForAWhile()
    {
        var clock = new ShiftedClock();
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Collection:Interval"] = "1.00:00:00", clock);
        using var http = server.CreateClient();
        var digest = await new RegistryClient(http, RegistryClient.UniqueName()).PushBlobAsync(Oci.RandomBytes(300));
        clock.Advance(TimeSpan.FromHours(3));
        await server.RestartAsync();
        var collection = server.Services.GetRequiredService<CollectionService>();

        Assert.Equal(0, (await collection.CollectAsync(server.Administrator, false, null, CancellationToken.None)).Blobs);
        var status = await collection.GetStatusAsync(server.Administrator, CancellationToken.None);
        Assert.NotNull(status.HeldUntil);
        Assert.Equal((0L, 1L), (status.Now.Count, status.Later.Count));

        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, (await collection.CollectAsync(server.Administrator, false, null, CancellationToken.None)).Blobs);
        Assert.Equal(300, (await collection.ListRunsAsync(server.Administrator, new(), CancellationToken.None)).Items[0].BlobBytes);
        Assert.NotEmpty(digest);
    }

    private string NewFile(string folder, int length, TimeSpan? age = null)
    {
        var path = Path.Combine(setup.BlobFolder, folder, $"{folder}{Guid.NewGuid():n}00000000"[..40]);
        File.WriteAllBytes(path, Oci.RandomBytes(length));
        File.SetLastWriteTimeUtc(path, setup.Clock.GetUtcNow().UtcDateTime - (age ?? TimeSpan.FromHours(5)));
        return path;
    }
}
