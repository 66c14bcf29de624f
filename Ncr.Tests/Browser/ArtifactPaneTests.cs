using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>An artifact beside the list that it is in.</summary>
[Collection(BrowserGroup.Name)]
public sealed class ArtifactPaneTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task ARow_Clicked_ShowsItBesideTheListAndTheAddressKeepsIt()
    {
        var (image, page) = await OpenAsync();
        await page.Locator("tr.opens").Filter(new() { HasText = "1.0" }).Locator("td").Nth(4).ClickAsync();
        await Assertions.Expect(Pane(page).GetByRole(AriaRole.Heading, new() { Level = 2 }).First).ToHaveTextAsync("app:1.0");
        await Pane(page).Locator(".tab-links a").Filter(new() { HasText = "Tags" }).ClickAsync();
        await Pane(page).GetByRole(AriaRole.Searchbox).FillAsync("1.");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("pane-q=1\\."));
        await Assertions.Expect(page.Locator("tr.opens")).ToHaveCountAsync(2); // The list's own search is another.

        await page.ReloadAsync();
        await Assertions.Expect(Pane(page).GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("1.");
        await Assertions.Expect(page.Locator("tr.opens.shown")).ToContainTextAsync("1.0");
        await page.Locator("tr.opens").Filter(new() { HasText = "2.0" }).Locator("td").Nth(2).ClickAsync();
        await Assertions.Expect(Pane(page).GetByRole(AriaRole.Heading, new() { Level = 2 }).First).ToHaveTextAsync("app:2.0");

        await page.Link("Close the pane").ClickAsync();
        await Assertions.Expect(Pane(page)).ToHaveCountAsync(0);
        Assert.EndsWith(image, page.Url, StringComparison.Ordinal);
        await page.GoBackAsync();
        await Assertions.Expect(Pane(page)).ToBeVisibleAsync();
        await page.Link("Open as a page").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("app:2.0");
    }

    [BrowserFact]
    public async Task ByKeyboard_OpensTakesTheFocusAndGivesItBack()
    {
        var (_, page) = await OpenAsync();
        var opener = page.Link("Show 1.0 beside the list");
        await opener.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Pane(page)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");

        await Assertions.Expect(Pane(page)).ToHaveCountAsync(0);
        await Assertions.Expect(opener).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task Files_OpenedFolderAndSearch_AreInTheAddress()
    {
        var (image, page) = await OpenAsync();
        var shown = await page.Locator("tr.opens").Filter(new() { HasText = "1.0" }).Locator("[data-row-open]").GetAttributeAsync("href");
        await page.GotoAsync(shown + "&pane-tab=files");
        await Pane(page).GetByRole(AriaRole.Button, new() { Name = "Folder etc, level 1" }).ClickAsync();
        await Pane(page).GetByRole(AriaRole.Button, new() { Name = "Folder app, level 2" }).ClickAsync();
        await Assertions.Expect(page.GetByText("app.conf")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByText("app.conf")).ToBeVisibleAsync();

        await Pane(page).GetByLabel("Search files").FillAsync("other");
        await Assertions.Expect(page.GetByText("srv/other.txt")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByText("srv/other.txt")).ToBeVisibleAsync();
        await Assertions.Expect(Pane(page).GetByLabel("Search files")).ToHaveValueAsync("other");
        await Pane(page).GetByLabel("Search files").FillAsync("");
        await Assertions.Expect(page.GetByText("app.conf")).ToBeVisibleAsync();
        Assert.DoesNotContain("find=", page.Url, StringComparison.Ordinal);
        await Pane(page).Locator(".tab-links a").Filter(new() { HasText = "Config" }).ClickAsync();
        await Assertions.Expect(page).Not.ToHaveURLAsync(new Regex("folder="));
    }

    [BrowserFact]
    public async Task Files_FolderBeyondTheFirstRows_IsFoundByTheAddress()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var layer = Enumerable.Range(0, 450).Aggregate(new LayerBuilder(), (l, i) => l.Folder($"d{i:000}/").File($"d{i:000}/file{i:000}", "x")).Gzip();
        var pushed = await browser.Server.PushAsync($"{registry}/app", "1.0", new ImageBuilder(layerContents: [layer]));
        var page = await browser.OpenSignedInAsync();

        await page.GotoAsync(ConsoleUrls.Artifact(registry, "app", pushed.Digest) + "?tab=files&folder=d444");
        await Assertions.Expect(page.GetByText("file444")).ToBeVisibleAsync();
        await page.GotoAsync(ConsoleUrls.Artifact(registry, "app", pushed.Digest) + "?tab=files&folder=d999/none");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Folder d449, level 1" })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task InEveryLookAndWidth_HasNoFaultsAndNoScrollBarAcross()
    {
        var (_, page) = await OpenAsync();
        var shown = await page.Locator("[data-row-open]").First.GetAttributeAsync("href");
        foreach (var (colours, width) in new[] { (ColorScheme.Light, 1280), (ColorScheme.Dark, 420) })
        {
            page = await browser.OpenSignedInAsync(colours);
            await page.SetViewportSizeAsync(width, 900);
            await page.GotoAsync(shown!);
            await Assertions.Expect(Pane(page).Locator(".properties").First).ToBeVisibleAsync();
            Assert.Empty((await page.RunAxe()).Violations.SelectMany(v => v.Nodes.Select(n => $"{colours} {width}: {v.Id}: {n.Html}")));
            Assert.False(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"));
        }
    }

    private static ILocator Pane(IPage page) => page.GetByRole(AriaRole.Complementary, new() { Name = "The chosen artifact" });

    private async Task<(string Image, IPage Page)> OpenAsync()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var layer = new LayerBuilder().Folder("etc/").Folder("etc/app/").File("etc/app/app.conf", "a\n").Folder("srv/").File("srv/other.txt", "o\n").Gzip();
        await browser.Server.PushAsync($"{registry}/app", "1.0", new ImageBuilder(layerContents: [layer]));
        await browser.Server.PushAsync($"{registry}/app", "2.0");
        var page = await browser.OpenSignedInAsync();
        await page.SetViewportSizeAsync(1600, 900);
        var image = ConsoleUrls.Image(registry, "app");
        await page.GotoAsync(image);
        await Assertions.Expect(page.Locator("tr.opens")).ToHaveCountAsync(2);
        return (image, page);
    }
}
