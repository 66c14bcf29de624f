using System.Net;
using Ncr.Core.Errors;
using Ncr.Tests.Support;

namespace Ncr.Tests.Failures;

/// <summary>A disk without room: said clearly, nothing half-done is passed off as done, and it goes on once there is room.</summary>
public sealed class DiskFullTests : IAsyncLifetime
{
    private SmallDisk _disk = null!;

    public async Task InitializeAsync() => _disk = await SmallDisk.CreateAsync();

    public async Task DisposeAsync() => await _disk.DisposeAsync();

    [ToolFact("mount", "mkfs.ext4")]
    public async Task Patch_WhenTheDiskFills_Is507AndGoesOnFromItsOffset()
    {
        await using var server = await NcrProcess.StartAsync(_disk.Data);
        var image = server.NewImage();
        var content = Oci.RandomBytes(8 << 20);
        var location = await image.OpenUploadAsync();
        using (var first = await image.PatchAsync(location, content[..(1 << 20)]))
        {
            Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        }

        _disk.Fill(leave: 2 << 20);
        using (var full = await image.PatchAsync(location, content[(1 << 20)..]))
        {
            await full.AssertErrorAsync(HttpStatusCode.InsufficientStorage, "UNAVAILABLE", "full", "administrator");
        }

        using var where = await image.Http.SendRawAsync(HttpMethod.Get, location);
        Assert.Equal(HttpStatusCode.NoContent, where.StatusCode);
        var offset = int.Parse(where.RequireHeader("Range").Split('-')[1], null) + 1;
        Assert.InRange(offset, 1 << 20, content.Length - 1);

        _disk.Free();
        using (var rest = await image.PatchAsync(location, content[offset..], $"{offset}-{content.Length - 1}"))
        {
            Assert.True(rest.StatusCode == HttpStatusCode.Accepted, await rest.Content.ReadAsStringAsync());
        }

        var digest = Oci.Digest(content);
        using (var end = await image.FinishAsync(location, digest))
        {
            Assert.Equal(HttpStatusCode.Created, end.StatusCode);
        }

        Assert.Equal(content, await image.Http.GetByteArrayAsync(new Uri(image.Url($"blobs/{digest}"), UriKind.Relative)));
    }

    [ToolFact("mount", "mkfs.ext4")]
    public async Task Put_OnAFullDisk_Is507AndIsSaidOnceInTheLog()
    {
        await using var server = await NcrProcess.StartAsync(_disk.Data, [], "--Ncr:Metrics:AllowAnonymous=true", "--Ncr:Collection:Interval=00:00:01");
        var image = server.NewImage();
        var before = new ImageBuilder();
        await image.PushAsync(before, "before");
        _disk.Fill();
        for (var i = 0; i < 40; i++)
        {
            var body = Oci.RandomBytes(100_000);
            var location = await image.TryOpenUploadAsync();
            if (location is null)
            {
                continue; // Not even a name for it fits: refused as well as can be.
            }

            using var full = await image.FinishAsync(location, Oci.Digest(body), body);
            await full.AssertErrorAsync(HttpStatusCode.InsufficientStorage, "UNAVAILABLE", "full");
        }

        // What works behind the scenes and what only looks says it as briefly.
        Assert.Equal(["before"], await image.TagsAsync());
        for (var i = 0; i < 3; i++)
        {
            using var ready = await image.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            using var head = await image.HeadAsync($"blobs/{before.ConfigDigest}");
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            using var metrics = await image.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, metrics.StatusCode);
            await Task.Delay(TimeSpan.FromSeconds(3.5));
        }

        _disk.Free();
        await image.PushAsync(new ImageBuilder(), "after");
        Assert.Equal(["after", "before"], (await image.TagsAsync()).Order());
        server.AssertLoggedOnce(FailureAssertions.RefusedForWantOfRoom);
    }

    [ToolFact("mount", "mkfs.ext4")]
    public async Task Manifests_WhenTheDatabaseCantGrow_AreEither201AndThereOr507()
    {
        await using var server = await NcrProcess.StartAsync(_disk.Data);
        var image = server.NewImage();
        var builder = new ImageBuilder { Annotations = new() { ["org.example.padding"] = new string('x', 20_000) } };
        await image.PushAsync(builder, "t0");
        _disk.Fill();
        var (kept, refused) = (new List<string> { "t0" }, 0);
        for (var round = 0; round < 100 && refused < 30; round++)
        {
            // Several at once, so that they share a transaction that fails.
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            {
                var tag = $"t{round}-{i}";
                var body = new ImageBuilder(0, config: builder.Blobs[0]) { Annotations = new() { ["org.example.padding"] = tag + new string('x', 20_000) } }.Build();
                using var answer = await image.PutManifestAsync(tag, body, Oci.Manifest);
                if (answer.StatusCode != HttpStatusCode.Created)
                {
                    await answer.AssertErrorAsync(HttpStatusCode.InsufficientStorage, "UNAVAILABLE", "full");
                }

                return (tag, answer.StatusCode);
            }));
            kept.AddRange(answers.Where(a => a.StatusCode == HttpStatusCode.Created).Select(a => a.tag));
            refused += answers.Count(a => a.StatusCode != HttpStatusCode.Created);
        }

        Assert.True(refused > 0, "The database found room after all.");
        Assert.Equal(kept.Order(StringComparer.Ordinal), (await image.TagsAsync()).Order(StringComparer.Ordinal));
        _disk.Free();
        await image.PushAsync(new ImageBuilder(), "after");
        Assert.Equal(kept.Append("after").Order(StringComparer.Ordinal), (await image.TagsAsync()).Order(StringComparer.Ordinal));
        server.AssertLoggedOnce(FailureAssertions.RefusedForWantOfRoom);
    }

    [ToolFact("mount", "mkfs.ext4")]
    public async Task AccessKeys_WhenTheDatabaseCantGrow_AreMadeOrRefusedAndMadeAgain()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:DataPath"] = _disk.Data);
        _disk.Fill();
        NcrException? refusal = null;
        for (var i = 0; i < 2000 && refusal is null; i++)
        {
            try
            {
                await server.DeleteAccessKeyAsync((await server.CreateAccessKeyAsync()).Key);
            }
            catch (Exception exception) when (exception is not NcrException)
            {
                refusal = StorageFailure.Recognise(exception); // As pages do.
                Assert.True(refusal is not null, exception.ToString());
            }
        }

        Assert.Equal(NcrError.StorageFull, refusal?.Error);
        _disk.Free();
        var (key, _) = await server.CreateAccessKeyAsync();
        await server.DeleteAccessKeyAsync(key);
    }

    [ToolFact("mount", "mkfs.ext4")]
    public async Task Start_OnAFullDisk_SaysSoInALine()
    {
        _disk.Fill();

        var (code, output) = await NcrProcess.FailAsync(_disk.Data);

        Assert.Equal(1, code);
        Assert.Contains("NCR can't start.", output, StringComparison.Ordinal);
        Assert.Contains("full", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
