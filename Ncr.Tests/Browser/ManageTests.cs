using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>Managing what images hold: choosing, deleting and restoring several, moving and copying.</summary>
[Collection(BrowserGroup.Name)]
public sealed class ManageTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Artifacts_SeveralDeleted_AreListedOneByOneAndRestored()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        foreach (var tag in new[] { "1.0", "2.0", "3.0" })
        {
            await browser.Server.PushAsync($"{registry}/app", tag);
        }

        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await page.GetByLabel("Select 1.0").CheckAsync();
        await page.GetByLabel("Select 3.0").CheckAsync();
        await Assertions.Expect(page.GetByText("2 artifacts selected")).ToBeVisibleAsync();
        await page.Button("Delete the selected").ClickAsync();
        await page.DialogButton("Delete 2 artifacts").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("2 done.");
        await page.DialogButton("Close").ClickAsync();
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(1);

        await page.GotoAsync($"{ConsoleUrls.RecentlyDeleted}?q={registry}");
        await page.GetByLabel("Select all on this page").CheckAsync();
        await page.Button("Restore the selected").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("2 done.");
        await page.DialogButton("Close").ClickAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(3);
    }

    [BrowserFact]
    public async Task Tag_MovedByHand_HasAHistoryThatMovesItBack()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var first = await browser.Server.PushAsync($"{registry}/app", "stable");
        var second = await browser.Server.PushAsync($"{registry}/app", "2.0");
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app") + "?tab=tags");
        await page.Button("Move the tag stable").ClickAsync();
        var input = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox);
        await input.FillAsync("3.0");
        await page.DialogButton("Move").ClickAsync();
        await Assertions.Expect(page.GetByText("The image has no tag '3.0'")).ToBeVisibleAsync();
        await input.FillAsync(second.Digest[7..15]);
        await input.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("The tag 'stable' was moved.")).ToBeVisibleAsync();

        await page.Link("stable").ClickAsync();
        await Assertions.Expect(page.Locator(".history li").First).ToContainTextAsync(second.Digest[..19]);
        await page.Button("Point here again").ClickAsync();
        await page.DialogButton("Move tag").ClickAsync();
        await Assertions.Expect(page.Locator(".history li").First).ToContainTextAsync(first.Digest[..19]);
        await Assertions.Expect(page.Locator(".history li")).ToHaveCountAsync(3);
    }

    [BrowserFact]
    public async Task Artifact_CopiedToAnotherRegistry_IsThereWithItsTag()
    {
        var (registry, target) = (await browser.Server.CreateRegistryAsync(), await browser.Server.CreateRegistryAsync());
        var pushed = await browser.Server.PushAsync($"{registry}/app", "1.0");
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await page.Button($"Copy or move the artifact {pushed.Digest}").ClickAsync();
        await page.GetByLabel("To the image").FillAsync("No Name");
        await page.DialogButton("Copy").ClickAsync();
        await Assertions.Expect(page.GetByText("That is no name of an image")).ToBeVisibleAsync();
        await page.GetByLabel("To the image").FillAsync($"{target}/promoted/app");
        await page.DialogButton("Copy").ClickAsync();
        await Assertions.Expect(page.GetByText($"Copied to {target}/promoted/app.")).ToBeVisibleAsync();

        await page.GotoAsync(ConsoleUrls.Image(target, "promoted/app"));
        await Assertions.Expect(page.GetByText("1.0", new() { Exact = true })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task Artifacts_OfSeveralPlatforms_AreOneRowThatOpens_AndTheFilterIsInTheAddress()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        using var http = browser.Server.CreateClient();
        var client = new RegistryClient(http, $"{registry}/app");
        var child = await client.PushAsync(new ImageBuilder());
        var index = await client.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index, "multi");
        await client.PushAsync(new ImageBuilder(1) { ArtifactType = "application/vnd.cncf.notary.signature", Subject = index.Descriptor() });
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByText("signed", new() { Exact = true })).ToBeVisibleAsync();
        await page.Button("Parts of multi").PressAsync("Enter");
        await Assertions.Expect(page.Locator(".detail-row").GetByText(child.Digest[..19])).ToBeVisibleAsync();

        await page.GetByLabel("Parts and attachments", new() { Exact = true }).CheckAsync();
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(3);
        await page.GetByLabel("Type", new() { Exact = true }).SelectOptionAsync("Signature");
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(1);
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByLabel("Type", new() { Exact = true })).ToHaveValueAsync("Signature");
        await page.GetByLabel("Tags", new() { Exact = true }).SelectOptionAsync("yes");
        await Assertions.Expect(page.GetByText("There is no artifact of this kind.")).ToBeVisibleAsync();
        await page.Button("Show all").ClickAsync();
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task List_ManyRows_TurnsItsPagesByLinks_AndRemembersItsColumns()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        using var http = browser.Server.CreateClient();
        var client = new RegistryClient(http, $"{registry}/app");
        var built = new ImageBuilder(1);
        for (var i = 0; i < 60; i++)
        {
            await client.PushAsync(built, $"t{i:00}");
        }

        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app") + "?tab=tags");
        await Assertions.Expect(page.Locator("td.name").First).ToHaveTextAsync("t00");
        await page.Link("Next").ClickAsync();
        await Assertions.Expect(page.Locator("td.name").First).ToHaveTextAsync("t25");
        await page.Link("Next").ClickAsync();
        await Assertions.Expect(page.Locator("td.name").Last).ToHaveTextAsync("t59");
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("td.name").First).ToHaveTextAsync("t50");
        await page.Link("Previous").ClickAsync();
        await Assertions.Expect(page.Locator("td.name").First).ToHaveTextAsync("t25");
        await page.GoBackAsync();
        await Assertions.Expect(page.Locator("td.name").First).ToHaveTextAsync("t50");

        await page.Button("View of Tags").ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Size (shown)" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Size" })).ToBeHiddenAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("td.name").First).ToHaveTextAsync("t50");
        await Assertions.Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Size" })).ToBeHiddenAsync();
    }
}
