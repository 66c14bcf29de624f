using Microsoft.Playwright;
using Ncr.Tests.Support;

namespace Ncr.Tests.Browser;

[Collection(BrowserGroup.Name)]
public sealed class SignInTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task SetUp_ByTheLink_MakesTheAdministratorAndSignsIn()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Setup:User"] = null);
        var page = await browser.OpenAsync(server);
        await page.GotoAsync("/");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Not set up yet" })).ToBeVisibleAsync();

        await page.GotoAsync(server.SetupUrl.ToString());
        await page.GetByLabel("User name").FillAsync("first");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync("a good password");
        await page.GetByLabel("Repeat the password").FillAsync("another");
        await page.Button("Create the administrator").ClickAsync();
        await Assertions.Expect(page.GetByText("The two passwords differ.")).ToBeVisibleAsync();

        await page.GetByLabel("Password", new() { Exact = true }).FillAsync("a good password");
        await page.GetByLabel("Repeat the password").FillAsync("a good password");
        await page.Button("Create the administrator").ClickAsync();
        await Assertions.Expect(page.GetByText("Create your first registry")).ToBeVisibleAsync();

        await page.GotoAsync(server.SetupUrl.ToString());
        await page.WaitForURLAsync("**/overview");
    }

    [BrowserFact]
    public async Task SetUp_WithAnotherCode_SaysThatTheLinkIsOld()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Setup:User"] = null);
        var page = await browser.OpenAsync(server);
        await page.GotoAsync("/setup?code=0123456789abcdef0123456789abcdef");

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not the current one");
        await Assertions.Expect(page.GetByLabel("User name")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task SignIn_WrongPassword_SaysSoAndForgetsIt()
    {
        var page = await browser.OpenAsync();
        await browser.SignInAsync(page, "wrong password");

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The user name or the password is wrong.");
        await Assertions.Expect(page.GetByLabel("Password")).ToHaveValueAsync("");
    }

    [BrowserFact]
    public async Task SignIn_ToAPageAskedFor_LeadsThereAndSignOutEndsIt()
    {
        var page = await browser.OpenAsync();
        await page.GotoAsync("/access-keys");
        await page.GetByLabel("User name").FillAsync(browser.Server.UserName);
        await page.GetByLabel("Password").FillAsync(browser.Server.Password);
        await page.Button("Sign in").ClickAsync();
        await page.WaitForURLAsync("**/access-keys");

        await page.GetByLabel($"Signed in as {browser.Server.UserName}").ClickAsync();
        await page.GetByText("Sign out").ClickAsync();
        await page.WaitForURLAsync("**/sign-in");
        await page.GotoAsync("/registries");
        await page.WaitForURLAsync("**/sign-in?returnUrl=*");
    }

    [BrowserFact]
    public async Task SignIn_WithAnAddressElsewhereToReturnTo_StaysHere()
    {
        var page = await browser.OpenAsync();
        await page.GotoAsync("/sign-in?returnUrl=https%3A%2F%2Fexample.com%2F");
        await page.GetByLabel("User name").FillAsync(browser.Server.UserName);
        await page.GetByLabel("Password").FillAsync(browser.Server.Password);
        await page.Button("Sign in").ClickAsync();

        await page.WaitForURLAsync($"{browser.Server.Url}overview");
    }
}
