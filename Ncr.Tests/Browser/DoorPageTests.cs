using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Browser;

/// <summary>A registry's settings in the console: from where it can be reached, and by whom.</summary>
[Collection(BrowserGroup.Name)]
public sealed class DoorPageTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task PublicUri_SwitchedOffFromOutside_WarnsShutsAndOpensAgain()
    {
        await using var server = await NcrServer.StartAsync(s =>
        {
            s["Ncr:Private:Networks"] = "192.0.2.0/24";
            s["Ncr:Private:Address"] = "https://private.example.com";
        });
        using (var http = server.CreateClient())
        {
            await new RegistryClient(http, "team/app").PushAsync(new ImageBuilder(1), "v1");
        }

        var registries = server.Services.GetRequiredService<RegistryService>();
        var page = await browser.OpenSignedInAsync(server);
        await page.GotoAsync("/registries/team");
        await Assertions.Expect(page.GetByText("private.example.com/team", new() { Exact = true })).ToBeVisibleAsync();
        await page.Link("Settings").ClickAsync();
        await page.GetByRole(AriaRole.Switch, new() { Name = "Public URI" }).ClickAsync();
        await page.GetByLabel("Allowed networks").FillAsync("10.0.0.0/8\n10.1.2.3/8");
        await page.GetByLabel("Allowed networks").BlurAsync();
        await page.Button("Save").ClickAsync();
        await Assertions.Expect(page.GetByText("'10.1.2.3/8' is no network")).ToBeVisibleAsync();
        Assert.Empty(await page.FindFaultsAsync("the settings"));

        await page.GetByLabel("Allowed networks").FillAsync("");
        await page.GetByLabel("Allowed networks").BlurAsync();
        await page.Button("Save").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog).ToContainTextAsync("will not be accessible from the outside");
        await Assertions.Expect(dialog).ToContainTextAsync("You are outside yourself");
        await page.DialogButton("Cancel").ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
        Assert.True((await registries.FindAsync(server.Administrator, "team", default))!.Settings.IsPublicUriOn);

        await page.Button("Save").ClickAsync();
        await page.DialogButton("Save").ClickAsync();
        await Assertions.Expect(page.GetByText("Public URI off")).ToBeVisibleAsync();
        Assert.False((await registries.FindAsync(server.Administrator, "team", default))!.Settings.IsPublicUriOn);
        await page.GotoAsync("/registries/team");
        await Assertions.Expect(page.GetByText("Its images can't be reached from here")).ToBeVisibleAsync();
        await Assertions.Expect(page.Link("app")).ToHaveCountAsync(0);

        // Another opens it again: the page follows by itself.
        await registries.ChangeAsync(server.Administrator, "team", RegistrySettings.None, default);
        await Assertions.Expect(page.Link("app")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task AnonymousPull_SwitchedOn_SaysWhatItMeansAndShows()
    {
        var name = await browser.Server.CreateRegistryAsync();
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync($"/registries/{name}?tab=settings");
        await page.GetByRole(AriaRole.Switch, new() { Name = "Anonymous pull" }).ClickAsync();
        await page.Button("Save").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("without signing in");
        await page.DialogButton("Save").ClickAsync();
        await Assertions.Expect(page.GetByText("anybody may pull")).ToBeVisibleAsync();
        await page.GotoAsync($"/registries?q={name}");
        await Assertions.Expect(page.GetByText("anybody may pull")).ToBeVisibleAsync();
    }
}
