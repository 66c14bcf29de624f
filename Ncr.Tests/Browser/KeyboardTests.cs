using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>Everything can be done by keys alone, and the focus is always somewhere sensible.</summary>
[Collection(BrowserGroup.Name)]
public sealed class KeyboardTests(BrowserFixture browser)
{
    private const int MaxTabs = 120;

    [BrowserFact]
    public async Task Artifacts_SelectedAndDeleted_ByKeysAlone()
    {
        var (page, _) = await OpenAsync(count: 14);
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Link("To the content")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("main")).ToBeFocusedAsync();
        for (var i = 13; i > 1; i--)
        {
            await TabToAsync(page, page.GetByLabel($"Select v{i:0000}"));
            await page.Keyboard.PressAsync("Space");
        }

        await Assertions.Expect(page.Locator(".selection-bar [role=status]")).ToHaveTextAsync("12 artifacts selected");
        var delete = page.Button("Delete the selected");
        await TabToAsync(page, delete, "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await ExpectTrappedAsync(page);

        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(delete).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(14);

        await page.Keyboard.PressAsync("Enter");
        await page.DialogButton("Delete 12 artifacts").WaitForAsync();
        var typed = page.GetByLabel("Type app to confirm");
        await TabToAsync(page, typed);
        await page.Keyboard.TypeAsync("ap");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(typed).ToBeFocusedAsync(); // Not yet.
        await page.Keyboard.TypeAsync("p");
        await page.Keyboard.PressAsync("Enter");
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.GetByRole(AriaRole.Status)).ToHaveTextAsync("12 done.");
        await Assertions.Expect(page.DialogButton("Close")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(dialog).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(2);
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Artifacts" })).ToBeFocusedAsync();

        // One alone, by the button in its row, which goes with it.
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Delete the artifact") }).First);
        await page.Keyboard.PressAsync("Enter");
        await page.DialogButton("Delete artifact").WaitForAsync();
        await TabToAsync(page, page.DialogButton("Delete artifact"));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(1);
        await Task.Delay(300);
        Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement.closest('main section') !== null"));
    }

    [BrowserFact]
    public async Task Tag_FoundAndMoved_ByKeysAlone()
    {
        var (page, registry) = await OpenAsync(count: 2);
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync($"{registry}/app");
        await Assertions.Expect(page.GetByRole(AriaRole.Option)).Not.ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await page.Keyboard.PressAsync("Tab");
        await TabToAsync(page, page.Locator(".tab-links a").Last);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**?tab=tags");
        await Assertions.Expect(page.Locator(".tab-links a[aria-current=page]")).ToBeFocusedAsync();
        var move = page.Button("Move the tag v0001");
        await TabToAsync(page, move);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox)).ToBeFocusedAsync();
        await ExpectTrappedAsync(page);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FocusAsync();
        await page.Keyboard.TypeAsync("v0000");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("[role=alert], [aria-live]").GetByText("The tag 'v0001' was moved.")).ToBeVisibleAsync();
        await Assertions.Expect(move).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task Pages_HaveOneMainNamedNavigationAndHeadingsInOrder()
    {
        var (page, registry) = await OpenAsync(count: 1);
        var artifact = await page.Locator("td.artifact a[href*='sha256']").First.GetAttributeAsync("href");
        foreach (var url in new[] { ConsoleUrls.Overview, ConsoleUrls.Registry(registry), ConsoleUrls.Image(registry, "app"), artifact!, artifact + "?tab=config", ConsoleUrls.Storage, ConsoleUrls.SignIn })
        {
            await page.GotoAsync(url);
            await page.Locator("main h1").First.WaitForAsync();
            var faults = await page.EvaluateAsync<string[]>("""
                () => {
                  const faults = [];
                  const mains = document.querySelectorAll('main').length;
                  if (mains !== 1) faults.push(`${mains} main`);
                  const names = [...document.querySelectorAll('nav')].map(n => n.getAttribute('aria-label') ?? '');
                  if (names.includes('') || new Set(names).size !== names.length) faults.push(`nav: ${names.join(', ')}`);
                  const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(h => h.checkVisibility()).map(h => Number(h.tagName[1]));
                  if (levels.filter(l => l === 1).length !== 1 || levels.some((l, i) => l > (levels[i - 1] ?? 0) + 1)) faults.push(`headings: ${levels.join(' ')}`);
                  return faults;
                }
                """);
            Assert.True(faults.Length == 0, $"{url}: {string.Join("; ", faults)}");
        }
    }

    private async Task<(IPage Page, string Registry)> OpenAsync(int count)
    {
        var registry = await browser.Server.CreateRegistryAsync();
        await browser.Server.FillAsync($"{registry}/app", count);
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(count);
        return (page, registry);
    }

    private static async Task TabToAsync(IPage page, ILocator target, string key = "Tab")
    {
        await target.WaitForAsync();
        for (var i = 0; i < MaxTabs; i++)
        {
            await page.Keyboard.PressAsync(key);
            if (await target.EvaluateAsync<bool>("e => e === document.activeElement"))
            {
                return;
            }
        }

        Assert.Fail($"{target} was not reached; the focus is on {await page.EvaluateAsync<string>("() => document.activeElement.outerHTML.slice(0, 200)")}");
    }

    /// <summary>Tab goes round in the dialog.</summary>
    private static async Task ExpectTrappedAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await page.WaitForFunctionAsync("() => document.activeElement.closest('.mud-dialog')");
        for (var i = 0; i < 8; i++)
        {
            await page.Keyboard.PressAsync(i < 5 ? "Tab" : "Shift+Tab");
            Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement.closest('.mud-dialog, .mud-dialog-container') !== null"), $"Tab {i} left the dialog.");
        }
    }
}
