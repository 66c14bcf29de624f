using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>Signing in at a provider with a real browser and its cookies, over plain HTTP.</summary>
[Collection(BrowserGroup.Name)]
public sealed class OidcSignInTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task SignIn_AtTheProvider_LeadsBack_AndTheUserIsItsOwnForAdministrators()
    {
        await using var provider = await OidcProvider.StartAsync();
        await using var server = await NcrServer.StartAsync(settings =>
        {
            settings["Ncr:Oidc:Authority"] = provider.Issuer;
            settings["Ncr:Oidc:ClientId"] = OidcProvider.ClientId;
            settings["Ncr:Oidc:ClientSecret"] = OidcProvider.Secret;
            settings["Ncr:Oidc:Title"] = "Sign in with Example";
            settings["Ncr:Oidc:Roles"] = "devs=ServiceViewer";
        });
        var page = await browser.OpenAsync(server);
        await page.GotoAsync(ConsoleUrls.AccessKeys);
        await page.Link("Sign in with Example").ClickAsync(); // Where nobody signs in yet.
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("did not let you in");
        var faults = new List<string>();
        await LookTests.CheckAsync(page, "the sign-in page with a provider", faults, onlyColours: false);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await LookTests.CheckAsync(page, "the same, dark", faults, onlyColours: true);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });

        provider.User = new() { ["sub"] = "1", ["preferred_username"] = "ann", ["groups"] = new[] { "devs" } };
        await page.Link("Sign in with Example").ClickAsync();
        await page.WaitForURLAsync("**/access-keys");
        await page.WaitForConsoleAsync();
        await page.GotoAsync(ConsoleUrls.Account);
        await Assertions.Expect(page.GetByText("have no password here")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("by OpenID Connect")).ToBeVisibleAsync();
        await LookTests.CheckAsync(page, "the account of who comes from a provider", faults, onlyColours: false);
        await page.GotoAsync(ConsoleUrls.Overview);
        await page.WaitForConsoleAsync();

        var admin = await browser.OpenAsync(server);
        await admin.SignInAsync(server.UserName, server.Password);
        await admin.WaitForConsoleAsync();
        await admin.GotoAsync(ConsoleUrls.Users);
        await Assertions.Expect(admin.GetByText("Person, from the OpenID Connect provider")).ToBeVisibleAsync();
        await admin.Button("Actions for ann").ClickAsync();
        await Assertions.Expect(admin.GetByRole(AriaRole.Menuitem, new() { Name = "Sessions" })).ToBeVisibleAsync();
        await Assertions.Expect(admin.GetByRole(AriaRole.Menuitem, new() { Name = "Change role" })).ToHaveCountAsync(0);
        await Assertions.Expect(admin.GetByRole(AriaRole.Menuitem, new() { Name = "New password link" })).ToHaveCountAsync(0);
        await admin.GetByRole(AriaRole.Menuitem, new() { Name = "Sessions" }).ClickAsync();
        await Assertions.Expect(admin.GetByRole(AriaRole.Cell, new() { Name = "by OpenID Connect" })).ToBeVisibleAsync();
        await admin.GetByRole(AriaRole.Button, new() { NameRegex = new("^End the session of Chrom") }).ClickAsync();
        await admin.DialogButton("End session").ClickAsync();
        await Assertions.Expect(admin.GetByText("Not signed in")).ToBeVisibleAsync();
        await page.WaitForURLAsync("**/sign-in?returnUrl=*", new() { Timeout = 5_000 }); // At once, though the page was only open.
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
