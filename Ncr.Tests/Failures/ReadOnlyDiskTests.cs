using System.Net;
using Ncr.Tests.Support;

namespace Ncr.Tests.Failures;

/// <summary>Storage that can't be written: read-only, broken, or without the rights.</summary>
public sealed class ReadOnlyDiskTests : IAsyncLifetime
{
    /// <summary>Rights hold for it, as for any user: root's power to pass them by is taken away.</summary>
    private static readonly string[] Ordinary = ["setpriv", "--inh-caps=-dac_override,-dac_read_search", "--bounding-set=-dac_override,-dac_read_search"];

    private SmallDisk _disk = null!;

    public async Task InitializeAsync() => _disk = await SmallDisk.CreateAsync();

    public async Task DisposeAsync() => await _disk.DisposeAsync();

    [ToolFact("mount", "mkfs.ext4")]
    public async Task Push_WithContentFoldersReadOnly_Is503UntilTheyAreNot()
    {
        await using var server = await NcrProcess.StartAsync(_disk.Data);
        var image = server.NewImage();
        var before = await image.PushAsync(new ImageBuilder(), "before");
        var body = Oci.RandomBytes(1000);
        var location = await image.OpenUploadAsync();

        await _disk.MakeReadOnlyAsync(Path.Combine(_disk.Data, "blobs"));
        await _disk.MakeReadOnlyAsync(Path.Combine(_disk.Data, "uploads"));
        for (var i = 0; i < 20; i++)
        {
            using var start = await image.StartUploadAsync();
            await start.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "write", "administrator");
            Assert.NotNull(start.Headers.RetryAfter);
            using var put = await image.FinishAsync(location, Oci.Digest(body), body);
            await put.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "write");
        }

        Assert.Equal(before.Body, await image.Http.GetByteArrayAsync(new Uri(image.Url("manifests/before"), UriKind.Relative)));
        await _disk.MakeWritableAsync(Path.Combine(_disk.Data, "blobs"));
        await _disk.MakeWritableAsync(Path.Combine(_disk.Data, "uploads"));
        using (var put = await image.FinishAsync(location, Oci.Digest(body), body))
        {
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }

        await image.PushAsync(new ImageBuilder(), "after");
        server.AssertLoggedOnce("read-only");
    }

    [ToolFact("mount", "mkfs.ext4", "findmnt")]
    public async Task Push_OnAFileSystemThatBroke_Is503AndPullsGoOn()
    {
        await using var server = await NcrProcess.StartAsync(_disk.Data);
        var image = server.NewImage();
        var builder = new ImageBuilder();
        var before = await image.PushAsync(builder, "before");

        await _disk.BreakAsync();
        for (var i = 0; i < 5; i++)
        {
            using var start = await image.StartUploadAsync();
            await start.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "administrator");
            using var manifest = await image.PutManifestAsync("again", before.Body, Oci.Manifest);
            await manifest.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "administrator");
        }

        Assert.Equal(before.Body, await image.Http.GetByteArrayAsync(new Uri(image.Url("manifests/before"), UriKind.Relative)));
        Assert.Equal(builder.Blobs[0], await image.Http.GetByteArrayAsync(new Uri(image.Url($"blobs/{builder.ConfigDigest}"), UriKind.Relative)));
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [ToolFact("mount", "mkfs.ext4", "setpriv")]
    public async Task Push_WithoutTheRight_Is503UntilItIsThere()
    {
        await using var server = await NcrProcess.StartAsync(_disk.Data, Ordinary);
        var image = server.NewImage();
        var builder = new ImageBuilder();
        await image.PushAsync(builder, "before");

        await new Cli("chown").RunAsync("-R", "12345:12345", Path.Combine(_disk.Data, "uploads"), Path.Combine(_disk.Data, "blobs"));
        await new Cli("chmod").RunAsync("-R", "0700", Path.Combine(_disk.Data, "blobs"));
        using (var start = await image.StartUploadAsync())
        {
            await start.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "administrator");
        }

        using (var get = await image.GetAsync($"blobs/{builder.ConfigDigest}"))
        {
            await get.AssertErrorAsync(HttpStatusCode.ServiceUnavailable, "UNAVAILABLE", "administrator");
        }

        await new Cli("chown").RunAsync("-R", "0:0", Path.Combine(_disk.Data, "uploads"), Path.Combine(_disk.Data, "blobs"));
        await image.PushAsync(new ImageBuilder(), "after");
        using var again = await image.GetAsync($"blobs/{builder.ConfigDigest}");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        server.AssertLoggedOnce("lacks the right");
    }

    [ToolFact("mount", "mkfs.ext4", "setpriv")]
    public async Task Start_WithoutTheRight_SaysSoInALine()
    {
        await using (await NcrProcess.StartAsync(_disk.Data))
        {
            // Only to make the folder.
        }

        await new Cli("chown").RunAsync("-R", "12345:12345", _disk.Data);
        await new Cli("chmod").RunAsync("0777", _disk.Data);
        await new Cli("chmod").RunAsync("0666", Path.Combine(_disk.Data, ".lock"));

        var (code, output) = await NcrProcess.FailAsync(_disk.Data, Ordinary);

        Assert.Equal(1, code);
        Assert.Contains("NCR can't start.", output, StringComparison.Ordinal);
        Assert.Contains(_disk.Data, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
