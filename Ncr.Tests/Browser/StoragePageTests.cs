using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

[Collection(BrowserGroup.Name)]
public sealed class StoragePageTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Collection_AskedForHere_SaysWhatItWillDeleteAndListsTheRun()
    {
        var upload = Path.Combine(browser.Server.DataFolder, "uploads", new string('a', 40));
        await File.WriteAllBytesAsync(upload, new byte[2048]);
        File.SetLastWriteTimeUtc(upload, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync("/");
        await page.Link("Storage").ClickAsync();

        await page.Button("Dry run").ClickAsync();
        await Assertions.Expect(page.GetByText("Dry run: 1 abandoned upload, 2.0 KiB.")).ToBeVisibleAsync();
        Assert.True(File.Exists(upload));

        await page.Button("Collect now").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("1 upload, 2.0 KiB that nobody went on with for 1 day");
        await page.DialogButton("Collect now").ClickAsync();
        await Assertions.Expect(page.GetByText("Collected: 1 abandoned upload, 2.0 KiB.")).ToBeVisibleAsync();
        Assert.False(File.Exists(upload));
        await Assertions.Expect(page.Locator(".collection-runs tbody tr").First).ToContainTextAsync("by admin");
    }

    [BrowserFact]
    public async Task Reclaimable_ChangedElsewhere_FollowsByItself()
    {
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Storage);
        await page.WaitForConsoleAsync();
        var registry = await browser.Server.CreateRegistryAsync();
        var pushed = await browser.Server.PushAsync($"{registry}/app", "1.0", new ImageBuilder(layerContents: [Oci.RandomBytes(3 << 20)]));
        using var http = browser.Server.CreateClient();
        Assert.Equal(HttpStatusCode.Accepted, await Blobs.CollectionSetup.DeleteAsync(new RegistryClient(http, $"{registry}/app"), "manifests/" + pushed.Digest));

        await Assertions.Expect(page.Locator("main div[role=status]")).ToContainTextAsync(new Regex("Can be restored.*deletions?, about .* MiB", RegexOptions.Singleline));
        await page.GotoAsync($"{ConsoleUrls.RecentlyDeleted}?q={registry}");
        await page.GetByTitle("Delete for good").ClickAsync();
        await page.DialogButton("Delete for good").ClickAsync();
        await page.DialogButton("Close").ClickAsync();
        await page.GotoAsync(ConsoleUrls.Storage);
        await Assertions.Expect(page.Locator("main div[role=status]")).ToContainTextAsync(new Regex("Can go later.*blobs, .* MiB", RegexOptions.Singleline));
    }
}
