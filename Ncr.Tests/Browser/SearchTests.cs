using Microsoft.Playwright;
using Ncr.Web;

namespace Ncr.Tests.Browser;

[Collection(BrowserGroup.Name)]
public sealed class SearchTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Keys_Alone_FindAndOpenATag()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var first = await browser.Server.PushAsync($"{registry}/app", "find-1");
        var second = await browser.Server.PushAsync($"{registry}/app", "find-2");
        Assert.NotEqual(first.Digest, second.Digest);
        var page = await OpenAsync(ConsoleUrls.Storage);

        await page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(Box(page)).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync($"{registry}/app:find");
        await Assertions.Expect(page.GetByRole(AriaRole.Option, new() { Name = "find-2" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Option).First).ToHaveAttributeAsync("aria-selected", "true");

        // The image, the two tags, and round to the last again.
        foreach (var key in new[] { "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp" })
        {
            await page.Keyboard.PressAsync(key);
        }

        var chosen = page.GetByRole(AriaRole.Option, new() { Selected = true });
        await Assertions.Expect(chosen).ToContainTextAsync("find-2");
        await Assertions.Expect(Box(page)).ToHaveAttributeAsync("aria-activedescendant", await chosen.GetAttributeAsync("id") ?? "");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**" + ConsoleUrls.Artifact(registry, "app", second.Digest));
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Enter_RightAfterTyping_OpensWhatWasTyped()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var page = await OpenAsync(ConsoleUrls.Storage);
        await page.Keyboard.PressAsync("/");
        await Assertions.Expect(Box(page)).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(registry);
        await page.Keyboard.PressAsync("Enter");

        await page.WaitForURLAsync("**" + ConsoleUrls.Registry(registry));
    }

    [BrowserFact]
    public async Task Escape_GivesTheFocusBack()
    {
        var page = await OpenAsync(ConsoleUrls.Storage);
        await page.Button("Dry run").FocusAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(Box(page)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(page.Button("Dry run")).ToBeFocusedAsync();

        await page.Button("Search").ClickAsync();
        await Assertions.Expect(Box(page)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Button("Search")).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task ASlash_InAField_IsASlash()
    {
        await browser.Server.CreateRegistryAsync();
        var page = await OpenAsync(ConsoleUrls.Registries);
        var field = page.GetByLabel("Search by name").First;
        await field.FocusAsync();
        await page.Keyboard.PressAsync("/");

        await Assertions.Expect(field).ToHaveValueAsync("/");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Nothing_Found_IsSaid()
    {
        var page = await OpenAsync(ConsoleUrls.Storage);
        await page.Keyboard.PressAsync("Control+k");
        await Box(page).FillAsync("no-such-thing-anywhere");

        await Assertions.Expect(page.GetByText("Nothing found for “no-such-thing-anywhere”.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Status)).ToHaveTextAsync("Nothing found.");
    }

    [BrowserFact]
    public async Task Narrow_TheBoxIsAnIconThatWorks()
    {
        var page = await OpenAsync(ConsoleUrls.Storage);
        await page.SetViewportSizeAsync(420, 800);
        await Assertions.Expect(page.GetByText("Ctrl K")).ToBeHiddenAsync();
        await page.Button("Search").ClickAsync();
        await Box(page).FillAsync(new string('w', 200));

        await Assertions.Expect(page.GetByText("Nothing found for")).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
    }

    private async Task<IPage> OpenAsync(string url)
    {
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(url);
        await page.WaitForConsoleAsync();
        return page;
    }

    private static ILocator Box(IPage page) => page.GetByRole(AriaRole.Combobox, new() { Name = "Search" });
}
