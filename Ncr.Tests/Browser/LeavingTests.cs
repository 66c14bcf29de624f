using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>Who leaves a page ends what was being read for it.</summary>
[Collection(BrowserGroup.Name)]
public sealed class LeavingTests(BrowserFixture browser)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    [BrowserFact]
    public async Task Files_OfALayerThatTakesLong_AreReadNoMoreOncePeopleLeave()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var pushed = await browser.Server.PushAsync($"{registry}/app", "1", new ImageBuilder(layerContents: [HugeLayer()]));
        var url = ConsoleUrls.Artifact(registry, "app", pushed.Digest) + "?tab=files";
        var page = await browser.OpenSignedInAsync();

        // By a link, to another tab of the page, by going elsewhere in the browser, and by closing it.
        await ReadAsync(page, url);
        await page.Link("Registries").First.ClickAsync();
        await ExpectClosedAsync("a link");
        await ReadAsync(page, url);
        await page.Locator(".tab-links a").Filter(new() { HasText = "Manifest" }).ClickAsync();
        await ExpectClosedAsync("another tab");
        await ReadAsync(page, url);
        await page.GotoAsync("about:blank");
        await ExpectClosedAsync("another address");
        await ReadAsync(page, url);
        await page.CloseAsync();
        await ExpectClosedAsync("closing the page");
    }

    private async Task ReadAsync(IPage page, string url)
    {
        await page.GotoAsync(url);
        // Looked at with each frame: on a fast machine all of it is read within a second or two, between two looks of an assertion.
        await page.WaitForFunctionAsync("() => document.querySelector('.files-progress')?.textContent.includes('Reading layer 1 of 1')");
        Assert.NotEqual(0, OpenBlobs());
    }

    private async Task ExpectClosedAsync(string how)
    {
        var until = TimeProvider.System.GetUtcNow() + Soon;
        while (OpenBlobs() > 0)
        {
            Assert.True(TimeProvider.System.GetUtcNow() < until, $"It is still read after {how}.");
            await Task.Delay(20);
        }
    }

    /// <summary>Handles of this process, which the server is a part of, to content of the server.</summary>
    private int OpenBlobs() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(f => new FileInfo(f).LinkTarget is { } target && target.StartsWith(browser.Server.DataFolder, StringComparison.Ordinal) && target.Contains("/blobs/", StringComparison.Ordinal));

    /// <summary>A file of 7 GiB of zeros, in as many gzip members as it has pieces: a few megabytes that take a processor many seconds.</summary>
    private static byte[] HugeLayer()
    {
        const int Piece = 64 << 20;
        const int Pieces = 7 << 4;
        var tar = new LayerBuilder(System.Formats.Tar.TarEntryFormat.Ustar).File("zeros", "x").Tar()[..512];
        TarHeaders.SetSize(tar, (long)Piece * Pieces);
        using var layer = new MemoryStream();
        layer.Write(LayerBuilder.Gzip(tar));
        var piece = LayerBuilder.Gzip(new byte[Piece]);
        for (var i = 0; i < Pieces; i++)
        {
            layer.Write(piece);
        }

        return layer.ToArray();
    }
}
