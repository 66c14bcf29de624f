using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Registries;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>The audit in the console.</summary>
[Collection(BrowserGroup.Name)]
public sealed class AuditPageTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Audit_FromTheRegistry_IsNarrowedOpenedFollowedAndExported()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var pushed = await browser.Server.PushAsync($"{registry}/app", "1.0");
        await ChangeAsync(registry, "what for");
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Registry(registry));
        await page.Link("What was done").ClickAsync();
        await page.WaitForURLAsync($"**/audit?registry={registry}");
        await Assertions.Expect(page.GetByText("3 events")).ToBeVisibleAsync();
        await Assertions.Expect(page.Link("Audit")).ToHaveAttributeAsync("aria-current", "page");

        // In words, with links, and the whole of it by the keyboard.
        var push = Row(page, "Pushed");
        await Assertions.Expect(push).ToContainTextAsync("admin");
        await Assertions.Expect(push).ToContainTextAsync("127.0.0.1");
        await Assertions.Expect(push.GetByRole(AriaRole.Link, new() { Name = $"{registry}/app", Exact = true })).ToHaveAttributeAsync("href", ConsoleUrls.Image(registry, "app"));
        await Assertions.Expect(push.Locator($"a[href='{ConsoleUrls.Artifact(registry, "app", pushed.Digest)}']")).ToHaveCountAsync(1);
        var toggle = Row(page, "Changed registry").GetByRole(AriaRole.Button, new() { NameRegex = new("^Details of") });
        await toggle.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".audit-change")).ToHaveTextAsync(["before (none)", "after what for"], new() { UseInnerText = true });
        await Assertions.Expect(page.Locator(".audit-details")).ToContainTextAsync("registry.update");

        // Others change something while it is open.
        await ChangeAsync(registry, "what else for");
        await Assertions.Expect(page.GetByText("4 events")).ToBeVisibleAsync();

        await page.GetByLabel("Kind").SelectOptionAsync("Pushes");
        await page.WaitForURLAsync("**kind=pushes*");
        await Assertions.Expect(page.GetByText("1 event", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByLabel("From", new() { Exact = true }).FillAsync("2099-01-01T00:00");
        await page.GetByLabel("From", new() { Exact = true }).BlurAsync();
        await Assertions.Expect(page.GetByText("Nothing like it was recorded")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Assertions.Expect(page.GetByText("1 event", new() { Exact = true })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByLabel("Kind")).ToHaveValueAsync("Pushes");
        var download = await page.RunAndWaitForDownloadAsync(() => page.Link("Export as CSV").ClickAsync());
        var lines = (await File.ReadAllTextAsync(await download.PathAsync())).TrimEnd().Split("\r\n");
        Assert.Equal(2, lines.Length);
        Assert.Contains($"{registry}/app,1.0,{pushed.Digest}", lines[1], StringComparison.Ordinal);

        // What is gone is no link any more.
        await page.Locator(".audit-filters").GetByRole(AriaRole.Button, new() { Name = "Show all" }).ClickAsync();
        await page.WaitForURLAsync("**/audit");
        await page.GetByLabel("Image").FillAsync($"{registry}/app");
        await page.GetByLabel("Image").PressAsync("Enter");
        await Assertions.Expect(page.GetByText("1 event", new() { Exact = true })).ToBeVisibleAsync();
        await browser.Server.Services.GetRequiredService<ImageService>().DeleteAsync(browser.Server.Administrator, ImageName.Parse($"{registry}/app"), CancellationToken.None);
        await Assertions.Expect(page.GetByText("2 events")).ToBeVisibleAsync();
        await Assertions.Expect(Row(page, "Pushed").GetByRole(AriaRole.Link)).ToHaveCountAsync(0);
        await page.GotoAsync(ConsoleUrls.Audit + "?kind=nonsense");
        await Assertions.Expect(page.GetByText("The address can't be read")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task Audit_OfWhoMayNot_IsNotOfferedAndNotShown()
    {
        var (name, link) = await browser.Server.InviteAsync(Role.ServiceViewer);
        var page = await browser.OpenAsync();
        await page.GotoAsync(link);
        await page.ChoosePasswordAsync("a good password");
        await page.WaitForURLAsync("**/overview");
        await page.WaitForConsoleAsync();
        await Assertions.Expect(page.Link("Audit")).ToHaveCountAsync(0);
        await page.GotoAsync(ConsoleUrls.Audit);
        await Assertions.Expect(page.GetByText("You may not see this")).ToBeVisibleAsync();
        Assert.NotEmpty(name);
    }

    [BrowserFact]
    public Task Audit_Light_HasNoFaultsForAxe() => CheckAsync(ColorScheme.Light);

    [BrowserFact]
    public Task Audit_Dark_HasNoFaultsForAxe() => CheckAsync(ColorScheme.Dark);

    private async Task CheckAsync(ColorScheme colours)
    {
        var registry = await browser.Server.CreateRegistryAsync();
        await browser.Server.PushAsync($"{registry}/app", "1.0");
        await ChangeAsync(registry, "what for");
        var faults = new List<string>();
        var onlyColours = colours == ColorScheme.Dark; // Light has looked at the rest.
        var page = await browser.OpenSignedInAsync(colours);
        await page.GotoAsync(ConsoleUrls.AuditOf(new AuditFilter(registry)));
        await Row(page, "Changed registry").GetByRole(AriaRole.Button, new() { NameRegex = new("^Details of") }).ClickAsync();
        await page.Locator(".audit-details").WaitForAsync();
        await LookTests.CheckAsync(page, "the audit", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.AuditOf(new AuditFilter(registry, Kind: EventKind.Refusals)));
        await Assertions.Expect(page.GetByText("Nothing like it was recorded")).ToBeVisibleAsync();
        await LookTests.CheckAsync(page, "nothing in the audit", faults, onlyColours);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private Task ChangeAsync(string registry, string description) =>
        browser.Server.Services.GetRequiredService<RegistryService>().ChangeAsync(browser.Server.Administrator, registry, new RegistrySettings(description), CancellationToken.None);

    private static ILocator Row(IPage page, string what) => page.GetByRole(AriaRole.Row).Filter(new() { HasText = what }).First;
}
