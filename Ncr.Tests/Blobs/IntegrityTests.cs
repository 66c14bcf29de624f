using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Paging;
using Ncr.Tests.Support;

namespace Ncr.Tests.Blobs;

/// <summary>Content that a disk lost or changed: found, kept from clients, and brought back.</summary>
public sealed class IntegrityTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly PageRequest FirstPage = new();

    private NcrServer _server = null!;

    private IntegrityService Integrity => _server.Services.GetRequiredService<IntegrityService>();

    private Actor Administrator => _server.Administrator;

    public async Task InitializeAsync() => _server = await NcrServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task FullCheck_OfWholeContent_FindsNothingAndCountsAll()
    {
        var builder = new ImageBuilder(3);
        await NewImage().PushAsync(builder, "v1");

        var run = await CheckAsync(isQuick: false);

        Assert.Null(run.Error);
        Assert.Equal(0, run.Damaged);
        Assert.Equal(4, run.Blobs);
        Assert.Equal(1, run.Manifests);
        Assert.Equal(builder.Blobs.Sum(b => (long)b.Length), run.Bytes);
        Assert.Equal("admin", run.StartedBy);
    }

    [Theory]
    [InlineData("flipped", false, "changed")]
    [InlineData("truncated", false, "bytes instead of")]
    [InlineData("truncated", true, "bytes instead of")]
    [InlineData("missing", false, "missing")]
    [InlineData("missing", true, "missing")]
    public async Task Check_OfDamagedContent_FindsItAndSaysWhatItHits(string damage, bool isQuick, string word)
    {
        var image = NewImage();
        var (whole, hit) = (new ImageBuilder(5), new ImageBuilder(2));
        await image.PushAsync(whole, "whole");
        var pushed = await image.PushAsync(hit, "v1");
        await image.PushManifestAsync(pushed.Body, Oci.Manifest, "v2");
        var index = await image.PushManifestAsync(Oci.IndexOf([pushed.Descriptor()]), Oci.Index, "multi");
        var digest = hit.LayerDigests[0];
        var file = await FileOfAsync(digest);
        var left = Damage(file, damage);

        var run = await CheckAsync(isQuick);

        Assert.Null(run.Error);
        Assert.Equal(1, run.Damaged);
        var row = Assert.Single((await Integrity.ListDamagedAsync(Administrator, FirstPage, CancellationToken.None)).Items);
        Assert.Equal((digest, 256L, 1), (row.Digest, row.Size, row.ArtifactCount));
        Assert.Contains(word, row.Damage, StringComparison.Ordinal);
        var hits = (await Integrity.ListHitAsync(Administrator, Digest.Parse(digest), FirstPage, CancellationToken.None)).Items;
        Assert.Equal([(image.Name, pushed.Digest, "v1,v2"), (image.Name, index.Digest, "multi")], hits.Select(h => (h.Image, h.Digest, string.Join(',', h.Tags))));

        // Never deleted: set aside, as it was.
        var aside = Path.Combine(_server.DataFolder, "damaged", Path.GetFileName(file));
        Assert.False(File.Exists(file));
        Assert.Equal(left, File.Exists(aside) ? await File.ReadAllBytesAsync(aside) : null);
    }

    [Fact]
    public async Task QuickCheck_OfAFlippedByte_ReadsNothingAndMissesIt()
    {
        var builder = new ImageBuilder(1);
        await NewImage().PushAsync(builder, "v1");
        Damage(await FileOfAsync(builder.LayerDigests[0]), "flipped");

        Assert.Equal(0, (await CheckAsync(isQuick: true)).Damaged);
        Assert.Equal(1, (await CheckAsync(isQuick: false)).Damaged);
    }

    [Fact]
    public async Task DamagedBlob_CountsAsAbsent_AndPushingItAgainRepairsIt()
    {
        var image = NewImage();
        var builder = new ImageBuilder(2);
        var pushed = await image.PushAsync(builder, "v1");
        var digest = builder.LayerDigests[1];
        using (var before = await image.GetAsync($"blobs/{digest}"))
        {
            Assert.Equal(HttpStatusCode.OK, before.StatusCode); // It is in the caches.
        }

        Damage(await FileOfAsync(digest), "flipped");
        await CheckAsync(isQuick: false);

        using (var head = await image.Http.SendRawAsync(HttpMethod.Head, image.Url($"blobs/{digest}")))
        {
            Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        }

        using (var get = await image.GetAsync($"blobs/{digest}"))
        {
            await get.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN", "damaged", "Push it again");
        }

        var other = NewImage();
        using (var mount = await other.StartUploadAsync($"?mount={digest}&from={image.Name}"))
        {
            Assert.Equal(HttpStatusCode.Accepted, mount.StatusCode); // To be uploaded instead.
        }

        using (var manifest = await image.PutManifestAsync("v2", new ImageBuilder(config: builder.Blobs[0], layerContents: [builder.Blobs[1], builder.Blobs[2], builder.Blobs[1]]).Build(), Oci.Manifest))
        {
            var errors = await manifest.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_BLOB_UNKNOWN", digest);
            Assert.Single(errors);
        }

        await other.PushBlobAsync(builder.Blobs[2]); // Through another image even.

        Assert.Equal(builder.Blobs[2], await image.Http.GetByteArrayAsync(new Uri(image.Url($"blobs/{digest}"), UriKind.Relative)));
        Assert.Empty((await Integrity.ListDamagedAsync(Administrator, FirstPage, CancellationToken.None)).Items);
        Assert.Equal(0, (await CheckAsync(isQuick: false)).Damaged);
        Assert.Equal(["content.damage", "content.restore"], await EventsAsync(digest));
        Assert.Equal(pushed.Body, await image.Http.GetByteArrayAsync(new Uri(image.Url("manifests/v1"), UriKind.Relative)));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("truncated")]
    public async Task Get_OfContentThatIsNotThere_MarksItOnceSoThatTheNextPushRepairsIt(string damage)
    {
        var image = NewImage();
        var builder = new ImageBuilder(5);
        await image.PushAsync(builder, "v1");
        var digest = builder.LayerDigests[0];
        Damage(await FileOfAsync(digest), damage);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => image.GetAsync($"blobs/{digest}")));
        foreach (var answer in answers)
        {
            await answer.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN", "damaged");
            answer.Dispose();
        }

        Assert.Equal(["content.damage"], await EventsAsync(digest));
        using (var head = await image.Http.SendRawAsync(HttpMethod.Head, image.Url($"blobs/{digest}")))
        {
            Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        }

        await image.PushBlobAsync(builder.Blobs[1]);
        Assert.Equal(builder.Blobs[1], await image.Http.GetByteArrayAsync(new Uri(image.Url($"blobs/{digest}"), UriKind.Relative)));
    }

    [Fact]
    public async Task Get_WhileAllContentIsMissing_Is503AndMarksNothing()
    {
        var image = NewImage();
        var builder = new ImageBuilder(5);
        await image.PushAsync(builder, "v1");
        var (blobs, away) = (Path.Combine(_server.DataFolder, "blobs"), Path.Combine(_server.DataFolder, "away"));
        Directory.Move(blobs, away); // As when a disk is not mounted …
        for (var i = 0; i < 2; i++)
        {
            using var get = await image.GetAsync($"blobs/{builder.ConfigDigest}");
            await get.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "not there");
            var run = await CheckAsync(isQuick: true);
            Assert.Contains("missing", run.Error, StringComparison.Ordinal);
            Assert.Equal(0, run.Damaged);
            foreach (var part in Directory.GetDirectories(away))
            {
                Directory.CreateDirectory(Path.Combine(blobs, Path.GetFileName(part))); // … and the server made its empty folders anew.
            }
        }

        Directory.Delete(blobs, recursive: true);
        Directory.Move(away, blobs);
        Assert.Equal(builder.Blobs[0], await image.Http.GetByteArrayAsync(new Uri(image.Url($"blobs/{builder.ConfigDigest}"), UriKind.Relative)));
        Assert.Equal(0, (await CheckAsync(isQuick: false)).Damaged);
    }

    [Fact]
    public async Task Check_AfterAllContentWasLostForGood_MarksItOnceTheFirstBlobIsPushedAnew()
    {
        var image = NewImage();
        var builder = new ImageBuilder(24);
        await image.PushAsync(builder, "v1");
        foreach (var file in Directory.GetFiles(Path.Combine(_server.DataFolder, "blobs"), "*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        Assert.Contains("missing", (await CheckAsync(isQuick: true)).Error, StringComparison.Ordinal);
        await image.PushBlobAsync(Oci.RandomBytes(100));
        var run = await CheckAsync(isQuick: true);

        Assert.Null(run.Error);
        Assert.Equal(25, run.Damaged);
        await image.PushAsync(builder, "v1");
        Assert.Equal(0, (await CheckAsync(isQuick: false)).Damaged);
    }

    [ToolFact("mount")]
    public async Task Check_OfContentThatCantBeRead_MarksIt_UnlessNothingElseCanBeReadEither()
    {
        var image = NewImage();
        var empty = await image.PushBlobAsync([]);
        var other = await image.PushBlobAsync(Oci.RandomBytes(100));
        var (file, away) = (await FileOfAsync(other), Path.Combine(_server.DataFolder, "away"));
        Unreadable.Make(await FileOfAsync(empty));
        File.Move(file, away);

        var run = await CheckAsync(isQuick: false);
        Assert.Contains("disk", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.Damaged);

        File.Move(away, file);
        run = await CheckAsync(isQuick: false);
        Assert.Null(run.Error);
        var row = Assert.Single((await Integrity.ListDamagedAsync(Administrator, FirstPage, CancellationToken.None)).Items);
        Assert.Equal(empty, row.Digest);
        Assert.Contains("can't be read", row.Damage, StringComparison.Ordinal);
    }

    [ToolFact("mount")]
    public async Task Check_OfContentThatCouldNotBeReadForAMoment_FindsNothing()
    {
        var image = NewImage();
        await image.PushBlobAsync(Oci.RandomBytes(100));
        var file = await FileOfAsync(await image.PushBlobAsync([]));
        Unreadable.Make(file);

        var check = CheckAsync(isQuick: false);
        await Task.Delay(TimeSpan.FromSeconds(0.7));
        File.Delete(file);
        await File.WriteAllBytesAsync(file, []);

        Assert.Equal((2, 0), ((await check).Blobs, (await check).Damaged));
    }

    [Fact]
    public async Task Row_WithoutADigest_IsNamedByACheck_WhichGoesOn()
    {
        var image = NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(100));
        await image.PushBlobAsync(Oci.RandomBytes(100));
        await ExecuteAsync($"UPDATE Blobs SET Digest = 'sha256:half' WHERE Digest = '{digest}'");

        var run = await CheckAsync(isQuick: false);

        Assert.Contains("'sha256:half'", run.Error, StringComparison.Ordinal);
        Assert.Equal((2, 1), (run.Blobs, run.Damaged));
        Assert.Equal(0, await Integrity.RecheckAsync(Administrator, CancellationToken.None));
    }

    [Fact]
    public async Task Check_ThatFailsUnexpectedly_EndsAndSaysSo()
    {
        await NewImage().PushAsync(new ImageBuilder(1), "v1");
        await ExecuteAsync("ALTER TABLE Manifests RENAME TO Hidden");

        var run = await CheckAsync(isQuick: false);
        await ExecuteAsync("ALTER TABLE Hidden RENAME TO Manifests");

        Assert.Contains("could not go on", run.Error, StringComparison.Ordinal);
        Assert.NotNull(run.EndedAt);
        Assert.Null((await CheckAsync(isQuick: false)).Error);
    }

    [Fact]
    public async Task Recheck_AfterABackupWasPutBack_ClearsTheDamage()
    {
        var image = NewImage();
        var builder = new ImageBuilder(1);
        await image.PushAsync(builder, "v1");
        var digest = builder.LayerDigests[0];
        var file = await FileOfAsync(digest);
        Damage(file, "flipped");
        await CheckAsync(isQuick: false);
        Assert.Equal(0, await Integrity.RecheckAsync(Administrator, CancellationToken.None));

        await File.WriteAllBytesAsync(file, builder.Blobs[1]);

        Assert.Equal(1, await Integrity.RecheckAsync(Administrator, CancellationToken.None));
        Assert.Equal(builder.Blobs[1], await image.Http.GetByteArrayAsync(new Uri(image.Url($"blobs/{digest}"), UriKind.Relative)));
    }

    [Fact]
    public async Task Manifest_ChangedInTheDatabase_IsNamedByAFullCheckAndPutRightByAPush()
    {
        var (image, builder) = (NewImage(), new ImageBuilder());
        var pushed = await image.PushAsync(builder, "v1");
        await ExecuteAsync("UPDATE Manifests SET Payload = x'7b7d'");

        var run = await CheckAsync(isQuick: false);

        Assert.Equal(1, run.Damaged);
        Assert.Contains(pushed.Digest, run.Error, StringComparison.Ordinal);
        using (var refused = await image.GetAsync("manifests/v1"))
        {
            await refused.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", "damaged");
        }

        await image.PushAsync(builder, "v1");

        Assert.Equal(pushed.Body, await image.Http.GetByteArrayAsync(new Uri(image.Url("manifests/v1"), UriKind.Relative)));
    }

    [Fact]
    public async Task FullCheck_HoldsItsPace_ShowsProgressAndCanBeStopped()
    {
        await RestartWithPaceAsync("2");
        var image = NewImage();
        for (var i = 0; i < 8; i++)
        {
            await image.PushBlobAsync(Oci.RandomBytes(1 << 20));
        }

        var since = Stopwatch.StartNew();
        await Integrity.StartAsync(Administrator, isQuick: false, CancellationToken.None);
        var refusal = await Assert.ThrowsAsync<NcrException>(() => Integrity.StartAsync(Administrator, isQuick: true, CancellationToken.None));
        Assert.Equal(NcrError.Conflict, refusal.Error);
        var status = await WaitAsync(s => s.Current is { Bytes: >= 5 << 20 } && s.Left is not null);
        Assert.InRange(since.Elapsed, TimeSpan.FromSeconds(1.8), TimeSpan.FromSeconds(20));
        Assert.Equal(8 << 20, status.TotalBytes);
        Assert.InRange(status.Left!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(20));

        await Integrity.StopAsync(Administrator, CancellationToken.None);
        status = await WaitAsync(s => s.Current is null);
        Assert.Equal("admin stopped it.", status.Last!.Error);
        Assert.InRange(status.Last.Blobs, 1, 7);
    }

    [Fact]
    public async Task FullCheck_CutShortByARestart_GoesOnWhereItStood()
    {
        await RestartWithPaceAsync("2");
        var image = NewImage();
        for (var i = 0; i < 6; i++)
        {
            await image.PushBlobAsync(Oci.RandomBytes(1 << 20));
        }

        await Integrity.StartAsync(Administrator, isQuick: false, CancellationToken.None);
        var before = await WaitAsync(s => s.Current is { Blobs: >= 2 });
        await _server.RestartAsync();

        var after = await Integrity.GetStatusAsync(Administrator, CancellationToken.None);
        Assert.True(after.Current is { Blobs: >= 2 } || after.Last is { Blobs: >= 2 });
        after = await WaitAsync(s => s.Current is null);
        Assert.Equal(before.Current!.Id, after.Last!.Id);
        Assert.Null(after.Last.Error);
        Assert.Equal((6, 6L << 20), (after.Last.Blobs, after.Last.Bytes)); // None twice.
    }

    [Fact]
    public async Task FullCheck_OverDue_StartsByItself()
    {
        await NewImage().PushAsync(new ImageBuilder(), "v1");
        Assert.InRange((await Integrity.GetStatusAsync(Administrator, CancellationToken.None)).NextAt!.Value, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(29), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(31));
        await using (var db = await _server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync())
        {
            await db.Blobs.ExecuteUpdateAsync(s => s.SetProperty(b => b.CreatedAt, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-31)));
        }

        await _server.RestartAsync();

        var status = await WaitAsync(s => s.Last is not null);
        Assert.Null(status.Last!.StartedBy);
        Assert.False(status.Last.IsQuick);
    }

    [Fact]
    public async Task Commands_OfNobody_AreRefused()
    {
        var nobody = Actor.Anonymous(null);
        await Assert.ThrowsAsync<NcrException>(() => Integrity.StartAsync(nobody, false, CancellationToken.None));
        await Assert.ThrowsAsync<NcrException>(() => Integrity.StopAsync(nobody, CancellationToken.None));
        await Assert.ThrowsAsync<NcrException>(() => Integrity.RecheckAsync(nobody, CancellationToken.None));
        await Assert.ThrowsAsync<NcrException>(() => Integrity.GetStatusAsync(nobody, CancellationToken.None));
        await Assert.ThrowsAsync<NcrException>(() => Integrity.ListDamagedAsync(nobody, FirstPage, CancellationToken.None));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var other = new SqliteConnection($"Data Source={Path.Combine(_server.DataFolder, "ncr.db")}");
        await other.OpenAsync();
        await using var command = other.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private RegistryClient NewImage() => new(_server.CreateClient(), RegistryClient.UniqueName());

    private async Task RestartWithPaceAsync(string pace)
    {
        await _server.DisposeAsync();
        _server = await NcrServer.StartAsync(settings => settings["Ncr:Integrity:Pace"] = pace);
    }

    private async Task<IntegrityRunRow> CheckAsync(bool isQuick)
    {
        var last = (await Integrity.GetStatusAsync(Administrator, CancellationToken.None)).Last?.Id ?? 0;
        await Integrity.StartAsync(Administrator, isQuick, CancellationToken.None);
        return (await WaitAsync(s => s.Last?.Id > last)).Last!;
    }

    private async Task<IntegrityStatus> WaitAsync(Func<IntegrityStatus, bool> until)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var status = await Integrity.GetStatusAsync(Administrator, CancellationToken.None);
            if (until(status))
            {
                return status;
            }

            Assert.True(since.Elapsed < Limit, $"Still {status}");
            await Task.Delay(50);
        }
    }

    private async Task<string> FileOfAsync(string digest)
    {
        await using var db = await _server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        return Path.Combine(_server.DataFolder, "blobs", await db.Blobs.Where(b => b.Digest == digest).Select(b => b.Location).SingleAsync());
    }

    private async Task<List<string>> EventsAsync(string digest)
    {
        await using var db = await _server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        return await db.Events.Where(e => e.Digest == digest && e.Type.StartsWith("content.")).OrderBy(e => e.Id).Select(e => e.Type).ToListAsync();
    }

    /// <returns>What is left.</returns>
    private static byte[]? Damage(string file, string damage)
    {
        var bytes = File.ReadAllBytes(file);
        switch (damage)
        {
            case "flipped":
                bytes[bytes.Length / 2] ^= 1;
                break;
            case "truncated":
                bytes = bytes[..^1];
                break;
            default:
                File.Delete(file);
                return null;
        }

        File.WriteAllBytes(file, bytes);
        return bytes;
    }
}
