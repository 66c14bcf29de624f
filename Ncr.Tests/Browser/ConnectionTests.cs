using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>The connection of an open page is lost, or its server restarted: the page says so, and mends without losing its place.</summary>
[Collection(BrowserGroup.Name)]
public sealed class ConnectionTests(BrowserFixture browser)
{
    private const string SecondPage = "?q=v0&sort=-PushedAt&size=25";

    [BrowserFact]
    public async Task List_WhenTheConnectionIsCut_SaysSoAndGoesOnWhereItWas()
    {
        var (page, relay, registry) = await OpenAsync();
        await using var _ = relay;
        await page.GotoAsync(ConsoleUrls.Image(registry, "app") + SecondPage);
        await page.Link("Next").ClickAsync();
        await Assertions.Expect(page.Locator("td.artifact").First).ToContainTextAsync("v0004");
        await MarkAsync(page);
        var address = page.Url;

        relay.Cut();
        await Assertions.Expect(Notice(page)).ToContainTextAsync("The connection to the server was lost. Trying again…");
        relay.Mend();

        await Assertions.Expect(Notice(page)).ToBeHiddenAsync();
        Assert.True(await IsMarkedAsync(page));
        Assert.Equal(address, page.Url);
        await browser.Server.PushAsync($"{registry}/app", "v0999");
        await Assertions.Expect(page.Locator(".list-count")).ToHaveTextAsync("31 artifacts found"); // It follows again.
        await page.Link("Previous").ClickAsync();
        await Assertions.Expect(page.Locator("td.artifact").First).ToContainTextAsync("v0029");
    }

    [BrowserFact]
    public async Task FilesAndADialog_WhenTheConnectionIsCut_StayOpen()
    {
        var (page, relay, registry) = await OpenAsync(count: 1);
        await using var _ = relay;
        var pushed = await browser.Server.PushAsync($"{registry}/app", "files", new ImageBuilder(layerContents: [new LayerBuilder().Folder("etc/").File("etc/one", "1").Folder("opt/").File("opt/two", "2").Gzip()]));
        await page.GotoAsync(ConsoleUrls.Artifact(registry, "app", pushed.Digest) + "?tab=files");
        await page.Button("Folder etc, level 1").ClickAsync();
        await Assertions.Expect(page.GetByText("one", new() { Exact = true })).ToBeVisibleAsync();
        await MarkAsync(page);
        await LoseAsync(page, relay);

        await Assertions.Expect(page.GetByText("one", new() { Exact = true })).ToBeVisibleAsync();
        await page.Button("Folder opt, level 1").ClickAsync();
        await Assertions.Expect(page.GetByText("two", new() { Exact = true })).ToBeVisibleAsync();
        Assert.True(await IsMarkedAsync(page));

        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await page.Button($"Delete the artifact {pushed.Digest}").ClickAsync();
        await page.DialogButton("Delete artifact").WaitForAsync();
        await LoseAsync(page, relay);
        await page.DialogButton("Delete artifact").ClickAsync();
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task Pages_WhenTheServerWasRestarted_LoadAnewWhereTheyWere()
    {
        var registry = await FillAsync(30);
        var pushed = await browser.Server.PushAsync($"{registry}/files", "1", new ImageBuilder(layerContents: [new LayerBuilder().File("lower").Gzip(), new LayerBuilder().File("upper").Gzip()]));
        var list = await browser.OpenSignedInAsync();
        await list.GotoAsync(ConsoleUrls.Image(registry, "app") + SecondPage);
        await list.Link("Next").ClickAsync();
        await Assertions.Expect(list.Locator("td.artifact").First).ToContainTextAsync("v0004");
        await list.GetByLabel("Select v0003").CheckAsync();
        await list.Button("Delete the selected").ClickAsync();
        await list.DialogButton("Delete artifact").WaitForAsync();
        var files = await list.Context.NewPageAsync();
        await files.GotoAsync(ConsoleUrls.Artifact(registry, "files", pushed.Digest) + "?tab=files&layer=2");
        await Assertions.Expect(files.GetByText("upper", new() { Exact = true })).ToBeVisibleAsync();
        IPage[] pages = [list, files];
        foreach (var page in pages)
        {
            await MarkAsync(page);
        }

        string[] addresses = [list.Url, files.Url];
        await browser.Server.RestartAsync();

        foreach (var page in pages)
        {
            await page.WaitForFunctionAsync("() => !window.marked");
        }

        await Assertions.Expect(list.Locator("td.artifact").First).ToContainTextAsync("v0004");
        await Assertions.Expect(list.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(list.GetByLabel("Search tags and digests")).ToHaveValueAsync("v0");
        await Assertions.Expect(files.GetByText("upper", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(files.GetByText("lower", new() { Exact = true })).ToHaveCountAsync(0);
        Assert.Equal(addresses, pages.Select(p => p.Url));
        await list.Link("Previous").ClickAsync();
        await Assertions.Expect(list.Locator("td.artifact").First).ToContainTextAsync("v0029");
    }

    [BrowserFact]
    public async Task Page_ThatGaveUpTrying_GoesOnWhenTheNetworkIsBack()
    {
        var (page, relay, registry) = await OpenAsync(count: 1);
        await using var _ = relay;
        await page.Clock.InstallAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await page.Locator("td.artifact").WaitForAsync();
        await MarkAsync(page);
        relay.Cut();
        await Assertions.Expect(Notice(page)).ToBeVisibleAsync();
        for (var i = 0; i < 60 && !await page.GetByText("The server can't be reached.").IsVisibleAsync(); i++)
        {
            await page.Clock.RunForAsync(30_000);
        }

        await Assertions.Expect(page.GetByText("The server can't be reached.")).ToBeVisibleAsync();
        relay.Mend();
        await page.EvaluateAsync("() => window.dispatchEvent(new Event('online'))");
        await Assertions.Expect(Notice(page)).ToBeHiddenAsync();
        Assert.True(await IsMarkedAsync(page));
    }

    private static ILocator Notice(IPage page) => page.Locator("#components-reconnect-modal");

    private static async Task LoseAsync(IPage page, Relay relay)
    {
        relay.Cut();
        await Assertions.Expect(Notice(page)).ToBeVisibleAsync();
        relay.Mend();
        await Assertions.Expect(Notice(page)).ToBeHiddenAsync();
    }

    /// <summary>A page that is loaded anew forgets it.</summary>
    private static async Task MarkAsync(IPage page) => await page.EvaluateAsync("() => { window.marked = true; }");

    private static Task<bool> IsMarkedAsync(IPage page) => page.EvaluateAsync<bool>("() => window.marked === true");

    private async Task<(IPage Page, Relay Relay, string Registry)> OpenAsync(int count = 30)
    {
        var registry = await FillAsync(count);
        var relay = new Relay(browser.Server.Url);
        return (await browser.OpenSignedInAsync(relay), relay, registry);
    }

    private async Task<string> FillAsync(int count)
    {
        var registry = await browser.Server.CreateRegistryAsync();
        await browser.Server.FillAsync($"{registry}/app", count);
        return registry;
    }
}
