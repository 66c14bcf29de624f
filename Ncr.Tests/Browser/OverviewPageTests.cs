using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

[Collection(BrowserGroup.Name)]
public sealed class OverviewPageTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Root_AndTheLogo_LeadHere()
    {
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync("/");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Overview", Level = 1 })).ToBeVisibleAsync();

        await page.Link("Storage").ClickAsync();
        await page.Link("NCR, to the overview").ClickAsync();
        await page.WaitForURLAsync("**" + ConsoleUrls.Overview);
    }

    [BrowserFact]
    public async Task APush_Elsewhere_IsToldByItself()
    {
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Overview);
        await page.WaitForConsoleAsync();
        var registry = await browser.Server.CreateRegistryAsync();
        var created = page.Locator(".activity li").Filter(new() { HasText = $"created the registry {registry}" });
        await Assertions.Expect(created).ToBeVisibleAsync();

        await browser.Server.PushAsync($"{registry}/app", "1.0");
        await browser.Server.PushAsync($"{registry}/app", "1.1");
        var pushes = page.Locator(".activity li").Filter(new() { HasText = $"{registry}/app" });
        await Assertions.Expect(pushes).ToHaveCountAsync(1);
        await Assertions.Expect(pushes).ToContainTextAsync("pushed 2 times");
        await Assertions.Expect(pushes).ToContainTextAsync("1.0");

        await pushes.GetByRole(AriaRole.Link).ClickAsync();
        await page.WaitForURLAsync("**" + ConsoleUrls.Image(registry, "app"));
    }

    [BrowserFact]
    public async Task Charts_HaveTablesAndTheStorageOneASpan()
    {
        await browser.Server.PushAsync($"{await browser.Server.CreateRegistryAsync()}/app", "1.0");
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Overview);
        await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "Pushes by day" }).GetByRole(AriaRole.Row)).ToHaveCountAsync(31);
        await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "Pushes by day" }).GetByRole(AriaRole.Cell).Last).Not.ToHaveTextAsync("0 pushes");

        await page.Link("90 days").ClickAsync();
        await Assertions.Expect(page.Link("90 days")).ToHaveAttributeAsync("aria-current", "page");
        Assert.EndsWith("?days=90", page.Url, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task ANewServer_LeadsToCreatingARegistry()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Setup:User"] = null);
        var page = await browser.OpenAsync(server);
        await page.GotoAsync(server.SetupUrl.ToString());
        await page.GetByLabel("User name").FillAsync("first");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync("a good password");
        await page.GetByLabel("Repeat the password").FillAsync("a good password");
        await page.Button("Create the administrator").ClickAsync();

        await Assertions.Expect(page.GetByText("Create your first registry")).ToBeVisibleAsync();
        await page.Button("Create registry").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("first");
        await page.DialogButton("Create").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("first");
    }
}
