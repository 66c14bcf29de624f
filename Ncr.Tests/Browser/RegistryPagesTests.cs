using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Ncr.Tests.Support;

namespace Ncr.Tests.Browser;

[Collection(BrowserGroup.Name)]
public sealed partial class RegistryPagesTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task CreateRegistry_ByTheDialog_LeadsToItsCommands()
    {
        var name = $"r{Guid.NewGuid():n}";
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync("/registries");
        await page.Button("Create registry").ClickAsync();
        var input = page.GetByRole(AriaRole.Dialog).GetByLabel("Name");
        await input.FillAsync("Not A Name");
        await Assertions.Expect(page.GetByText("Use lower-case letters")).ToBeVisibleAsync();
        await input.FillAsync("team");
        await page.DialogButton("Create").ClickAsync();
        await Assertions.Expect(page.GetByText("A registry named 'team' exists already.")).ToBeVisibleAsync();
        await input.FillAsync(name);
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync($"/{name}/"); // The preview of the address has followed.
        await input.PressAsync("Enter");

        await Assertions.Expect(page).ToHaveURLAsync($"{browser.Server.Url}registries/{name}");
        await Assertions.Expect(page.GetByText($"docker push {browser.Server.Host}/{name}/my-app:1.0", new() { Exact = true })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task Registry_APushMeanwhile_AppearsByItself()
    {
        var name = await browser.Server.CreateRegistryAsync();
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync($"/registries/{name}");
        await Assertions.Expect(page.GetByText("This registry is empty")).ToBeVisibleAsync();

        await browser.Server.PushAsync($"{name}/web/app", "1.0");
        await Assertions.Expect(page.Link("web/app")).ToBeVisibleAsync();
        await browser.Server.PushAsync($"{name}/worker", "1.0");
        await Assertions.Expect(page.Link("worker")).ToBeVisibleAsync();

        await page.Link("web/app").ClickAsync();
        await Assertions.Expect(page.GetByText("1.0", new() { Exact = true })).ToBeVisibleAsync();
        await browser.Server.PushAsync($"{name}/web/app", "2.0");
        await Assertions.Expect(page.GetByText("2.0", new() { Exact = true })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task DeleteRegistry_WithImages_WantsItsNameTyped_AndCanBeRestored()
    {
        var name = await browser.Server.CreateRegistryAsync();
        await browser.Server.PushAsync($"{name}/app", "1.0");
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync($"/registries/{name}");
        await page.Button("Delete registry").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("1 image1 artifact1 tag");
        await Assertions.Expect(page.DialogButton("Delete registry")).ToBeDisabledAsync();
        await page.GetByLabel($"Type {name} to confirm").FillAsync(name);
        await page.DialogButton("Delete registry").ClickAsync();
        await Assertions.Expect(page.GetByText($"The registry '{name}' was deleted.")).ToBeVisibleAsync();

        await page.GotoAsync($"/deleted?q={name}");
        await page.Button($"Restore {name}").ClickAsync();
        await Assertions.Expect(page.GetByText($"{name} is back.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Nothing found")).ToBeVisibleAsync();
        await page.GotoAsync($"/registries/{name}");
        await Assertions.Expect(page.Link("app")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task EditRegistry_ADescription_IsShownInTheList()
    {
        var name = await browser.Server.CreateRegistryAsync();
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync($"/registries/{name}?tab=settings");
        await page.GetByLabel("Description").FillAsync("What the shop runs");
        await page.GetByLabel("Description").BlurAsync();
        await page.Button("Save").ClickAsync();
        await Assertions.Expect(page.Locator(".description")).ToHaveTextAsync("What the shop runs");
        await page.GotoAsync($"/registries?q={name}");
        await Assertions.Expect(page.GetByText("What the shop runs")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task DeleteArtifact_AnIndex_NamesAllThatGoesAndTakesIt()
    {
        var image = $"{await browser.Server.CreateRegistryAsync()}/app";
        using var http = browser.Server.CreateClient();
        var client = new RegistryClient(http, image);
        var child = await client.PushAsync(new ImageBuilder());
        var index = await client.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index, "1.0");
        var signature = ImageBuilder.Artifact("application/vnd.dev.cosign.artifact.sig.v1+json");
        await client.PushAsync(new ImageBuilder(1) { ArtifactType = signature.ArtifactType, Subject = index.Descriptor() });

        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(Ncr.Web.ConsoleUrls.Artifact(image.Split('/')[0], "app", index.Digest));
        await page.Button("Delete").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(4);
        await Assertions.Expect(dialog).ToContainTextAsync("with the tag 1.0");
        await Assertions.Expect(dialog).ToContainTextAsync("of content that nothing else needs");
        await Assertions.Expect(dialog).ToContainTextAsync("can be restored under Recently deleted for 24 hours");
        await page.DialogButton("Delete 3 artifacts").ClickAsync();

        await Assertions.Expect(page.GetByText("3 artifacts deleted.")).ToBeVisibleAsync();
        using var gone = await client.GetAsync($"manifests/{child.Digest}");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, gone.StatusCode);
    }

    [BrowserFact]
    public async Task ArtifactTags_CreateAndDelete_FollowAtOnce()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var pushed = await browser.Server.PushAsync($"{registry}/app", "1.0");
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync($"{Ncr.Web.ConsoleUrls.Artifact(registry, "app", pushed.Digest)}?tab=tags");
        await page.Button("Create tag").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync("stable");
        await page.DialogButton("Create").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = "stable", Exact = true })).ToBeVisibleAsync();

        await page.Button("Delete the tag stable").ClickAsync();
        await page.DialogButton("Delete tag").ClickAsync();
        await Assertions.Expect(page.GetByText("The tag 'stable' was deleted.")).ToBeVisibleAsync();
        await Assertions.Expect(page.Button("Delete the tag stable")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Button("Delete the tag 1.0")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task List_SearchSortAndBack_AreKeptInTheAddress()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        foreach (var image in new[] { "alpha", "beta", "gamma" })
        {
            await browser.Server.PushAsync($"{registry}/{image}", "1");
        }

        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync($"/registries/{registry}");
        await page.Link("Image").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(SortedDown());
        await Assertions.Expect(page.Locator("td.name").First).ToHaveTextAsync("gamma");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("et");
        await Assertions.Expect(page.Locator("td.name")).ToHaveTextAsync(["beta"]);
        await page.Link("beta").ClickAsync();
        await page.WaitForURLAsync("**/images/beta");
        await page.GoBackAsync();
        await Assertions.Expect(page.Locator("td.name")).ToHaveTextAsync(["beta"]);
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("td.name")).ToHaveTextAsync(["beta"]);
        await Assertions.Expect(page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("et");
    }

    [BrowserFact]
    public async Task Copy_OnPlainHttp_TakesTheTextWithoutTheClipboardInterface()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var page = await browser.OpenSignedInAsync();
        await page.AddInitScriptAsync("Object.defineProperty(window, 'isSecureContext', { value: false });");
        await page.GotoAsync($"/registries/{registry}");
        await page.Button("Copy the registry's public URI").ClickAsync();
        await Assertions.Expect(page.Locator("#announcement")).ToHaveTextAsync("Copied");

        await page.GotoAsync("/registries");
        await page.GetByRole(AriaRole.Searchbox).FocusAsync();
        await page.Keyboard.PressAsync("Control+V");
        await Assertions.Expect(page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync($"{browser.Server.Host}/{registry}");
    }

    [GeneratedRegex("sort=-Name")]
    private static partial Regex SortedDown();
}
