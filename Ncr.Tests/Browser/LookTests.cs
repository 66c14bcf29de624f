using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Ncr.Core.Images;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>Themes, and pages that everybody can read and use.</summary>
[Collection(BrowserGroup.Name)]
public sealed class LookTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Theme_Chosen_IsThereFromTheFirstPaintOfTheNextPage()
    {
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync("/registries");
        await page.GetByLabel("Theme: As the system").ClickAsync();
        await page.GetByText("Dark", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Assertions.Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(16, 22, 26)");

        using var http = browser.Server.CreateClient(authenticated: false);
        http.DefaultRequestHeaders.Add("Cookie", "ncr-theme=dark");
        Assert.Contains("data-theme=\"dark\"", await http.GetStringAsync(new Uri("/sign-in", UriKind.Relative)), StringComparison.Ordinal);

        await page.ReloadAsync();
        await Assertions.Expect(page.GetByLabel("Theme: Dark")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".mud-appbar")).ToHaveCSSAsync("background-color", "rgb(24, 32, 37)");
    }

    [BrowserFact]
    public async Task UnknownPage_Asked_IsOneOfOursWithStatus404()
    {
        var page = await browser.OpenSignedInAsync();
        var response = await page.GotoAsync("/no/such/page");

        Assert.Equal(404, response!.Status);
        await Assertions.Expect(page.GetByText("There is no such page")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public Task Pages_Light_HaveNoFaultsForAxe() => CheckAllAsync(ColorScheme.Light);

    [BrowserFact]
    public Task Pages_Dark_HaveNoFaultsForAxe() => CheckAllAsync(ColorScheme.Dark);

    private async Task CheckAllAsync(ColorScheme colours)
    {
        var empty = await browser.Server.CreateRegistryAsync();
        var registry = await browser.Server.CreateRegistryAsync();
        var pushed = await browser.Server.PushAsync($"{registry}/web/app", "1.0", new ImageBuilder { Annotations = new() { ["org.example.note"] = "one" } });
        using var http = browser.Server.CreateClient();
        var index = await new RegistryClient(http, $"{registry}/web/app").PushManifestAsync(Oci.IndexOf([pushed.Descriptor()]), Oci.Index, "many");
        var artifact = ConsoleUrls.Artifact(registry, "web/app", pushed.Digest);
        var faults = new List<string>();
        var onlyColours = colours == ColorScheme.Dark; // Light has looked at the rest.
        await browser.Server.PushAsync($"{registry}/gone", "1.0");
        await browser.Server.Services.GetRequiredService<ImageService>().DeleteAsync(browser.Server.Administrator, ImageName.Parse($"{registry}/gone"), CancellationToken.None);

        var page = await browser.OpenSignedInAsync(colours);
        foreach (var url in new[]
        {
            ConsoleUrls.Overview, ConsoleUrls.Registries, ConsoleUrls.Registries + "?q=nothing-like-it", ConsoleUrls.Registry(empty), ConsoleUrls.Registry(registry), ConsoleUrls.Registry("none"),
            ConsoleUrls.Image(registry, "web/app"), ConsoleUrls.Image(registry, "web/app") + "?tab=tags", ConsoleUrls.Image(registry, "web/app") + "?show=parts", ConsoleUrls.TagHistory(registry, "web/app", "1.0"),
            ConsoleUrls.RecentlyDeleted, artifact, artifact + "?tab=tags", artifact + "?tab=layers", artifact + "?tab=config", artifact + "?tab=manifest",
            ConsoleUrls.Artifact(registry, "web/app", index.Digest) + "?tab=contents", ConsoleUrls.AccessKeys, ConsoleUrls.Storage, "/no/such/page",
        })
        {
            await page.GotoAsync(url);
            await page.WaitForConsoleAsync();
            await CheckAsync(page, url, faults, onlyColours);
        }

        await page.GotoAsync(ConsoleUrls.Storage);
        await page.WaitForConsoleAsync();
        await page.Keyboard.PressAsync("Control+k");
        await page.GetByRole(AriaRole.Combobox).FillAsync(registry);
        await Assertions.Expect(page.GetByRole(AriaRole.Option)).Not.ToHaveCountAsync(0);
        await CheckDialogAsync(page, "the search", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.Registries);
        await page.Button("Create registry").First.ClickAsync();
        await CheckDialogAsync(page, "the dialog for a registry", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.Storage);
        await page.Button("Dry run").ClickAsync();
        await Assertions.Expect(page.Locator(".collection-runs").GetByText("Dry run").First).ToBeVisibleAsync();
        await page.GotoAsync(ConsoleUrls.Storage); // Without the message, which fades while axe looks.
        await page.Button("Collect now").ClickAsync();
        await CheckDialogAsync(page, "the dialog before a collection", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.Image(registry, "web/app"));
        await page.Button("Parts of many").ClickAsync();
        await page.GetByLabel("Select many").CheckAsync();
        await CheckAsync(page, "an opened and selected row", faults, onlyColours);
        await page.Button($"Delete the artifact {index.Digest}").ClickAsync();
        await CheckDialogAsync(page, "the dialog before a deletion", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.Image(registry, "web/app"));
        await page.Button($"Copy or move the artifact {index.Digest}").ClickAsync();
        await CheckDialogAsync(page, "the dialog for a copy", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.Image(registry, "web/app") + "?tab=tags");
        await page.Button("Move the tag many").ClickAsync();
        await CheckDialogAsync(page, "the dialog for moving a tag", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.Registry(registry));
        await page.Button("Delete registry").ClickAsync();
        await CheckDialogAsync(page, "the dialog before a registry goes", faults, onlyColours);

        var account = await browser.OpenAsync();
        await account.EmulateMediaAsync(new() { ColorScheme = colours });
        await browser.SignInAsync(account, "wrong password");
        await CheckAsync(account, ConsoleUrls.SignIn, faults, onlyColours);
        await account.GotoAsync(ConsoleUrls.Error);
        await CheckAsync(account, ConsoleUrls.Error, faults, onlyColours);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    internal static async Task CheckDialogAsync(IPage page, string where, List<string> faults, bool onlyColours)
    {
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await CheckAsync(page, where, faults, onlyColours);
    }

    internal static async Task CheckAsync(IPage page, string where, List<string> faults, bool onlyColours)
    {
        // Half-faded colours are nobody's contrast.
        await page.EvaluateAsync("() => Promise.allSettled(document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity).map(a => a.finished))");
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('.mud-snackbar')].every(s => getComputedStyle(s).opacity === '1')");
        faults.AddRange(await page.FindFaultsAsync(where, onlyColours));
    }
}
