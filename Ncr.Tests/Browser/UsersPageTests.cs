using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Ncr.Core.Access;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>People, service accounts and what their roles let them see.</summary>
[Collection(BrowserGroup.Name)]
public sealed partial class UsersPageTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Person_Created_ChoosesAPassword_AndSeesWhatTheRoleAllows_UntilDisabled()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var pushed = await browser.Server.PushAsync($"{registry}/app", "1.0");
        var name = UserSteps.NewName();
        var admin = await browser.OpenSignedInAsync();
        await admin.GotoAsync(ConsoleUrls.Overview);
        await admin.Link("Users").ClickAsync();
        await admin.Button("Create user").ClickAsync();
        var input = admin.GetByRole(AriaRole.Dialog).GetByLabel("Name");
        await input.FillAsync("not a name");
        await Assertions.Expect(admin.GetByRole(AriaRole.Dialog).GetByText("Letters, digits")).ToHaveCountAsync(1);
        await input.FillAsync(browser.Server.UserName);
        await admin.DialogButton("Create").ClickAsync();
        await Assertions.Expect(admin.GetByText($"There is a user '{browser.Server.UserName}' already.")).ToBeVisibleAsync();
        await input.FillAsync(name);
        await admin.GetByLabel("Service Viewer").CheckAsync();
        await admin.DialogButton("Create").ClickAsync();
        var link = await admin.GetByTestId("one-time-link").InnerTextAsync();
        await admin.DialogButton("I have copied it").ClickAsync();
        await Assertions.Expect(Row(admin, name)).ToContainTextAsync("has not chosen a password yet");

        var page = await browser.OpenAsync();
        await page.GotoAsync(link);
        await page.ChoosePasswordAsync("a good password", "another");
        await Assertions.Expect(page.GetByText("The two passwords differ.")).ToBeVisibleAsync();
        await page.ChoosePasswordAsync("a good password");
        await page.WaitForURLAsync("**/overview");
        await page.WaitForConsoleAsync();
        await Assertions.Expect(page.Link("Users")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Link("Storage")).ToHaveCountAsync(0);
        foreach (var url in new[] { ConsoleUrls.Registries + $"?q={registry}", ConsoleUrls.Registry(registry), ConsoleUrls.Image(registry, "app"), ConsoleUrls.Image(registry, "app") + "?tab=tags", ConsoleUrls.Artifact(registry, "app", pushed.Digest) })
        {
            await page.GotoAsync(url);
            await page.WaitForConsoleAsync();
            await Assertions.Expect(page.GetByText(url.Contains("?q=", StringComparison.Ordinal) ? registry : "1.0").Or(page.Link("app")).First).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = Changing() })).ToHaveCountAsync(0);
        }

        await page.GotoAsync(ConsoleUrls.Users);
        await Assertions.Expect(page.GetByText("You may not see this")).ToBeVisibleAsync();
        await page.GotoAsync(ConsoleUrls.UserKeys(name));
        await Assertions.Expect(page.GetByText("You may not see this")).ToBeVisibleAsync();
        await page.GotoAsync(link);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This link is not good" })).ToBeVisibleAsync();

        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await Assertions.Expect(page.Button("Copy the pull command")).ToBeVisibleAsync();
        await ChooseAsync(admin, name, "Change role");
        await admin.GetByLabel("Service Admin").CheckAsync();
        await admin.DialogButton("Save").ClickAsync();
        await Assertions.Expect(Row(admin, name)).ToContainTextAsync("Service Admin");
        await Assertions.Expect(page.Button("Delete image")).ToBeVisibleAsync(); // Without a reload.

        await ChooseAsync(admin, name, "Disable");
        await admin.DialogButton("Disable").ClickAsync();
        await Assertions.Expect(Row(admin, name)).ToContainTextAsync("disabled");
        await page.WaitForURLAsync("**/sign-in?returnUrl=*", new() { Timeout = 5_000 });
        await ChooseAsync(admin, name, "Delete");
        await admin.DialogButton("Delete user").ClickAsync();
        await Assertions.Expect(Row(admin, name)).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task LastProjectAdmin_CantGoOrStepDown_AndTheDialogSaysSo()
    {
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Users + $"?q={browser.Server.UserName}");
        await ChooseAsync(page, browser.Server.UserName, "Change role");
        await page.GetByLabel("Service Viewer").CheckAsync();
        await page.DialogButton("Save").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("is the last project admin");
    }

    [BrowserFact]
    public async Task ServiceAccount_Created_LeadsToItsKeys()
    {
        var name = UserSteps.NewName();
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Users);
        await page.Button("Create user").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Service account").CheckAsync();
        await Assertions.Expect(page.GetByLabel("Project Admin")).ToHaveCountAsync(0);
        await page.GetByLabel("Image Uploader").CheckAsync();
        await page.DialogButton("Create").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Access keys of {name}" })).ToBeVisibleAsync();
        await page.Button("Create access key").ClickAsync();
        await page.DialogButton("Create").ClickAsync();
        var key = await page.GetByTestId("access-key").InnerTextAsync();
        await page.DialogButton("I have copied it").ClickAsync();
        await page.GetByLabel($"{key} is enabled").ClickAsync();
        await Assertions.Expect(page.GetByText($"{key} is disabled")).ToBeVisibleAsync();
        await page.Button($"Regenerate the secret of {key}").ClickAsync();
        await page.DialogButton("Regenerate").ClickAsync();
        await Assertions.Expect(page.GetByTestId("secret-key")).ToBeVisibleAsync();
        await page.DialogButton("I have copied it").ClickAsync();
        await page.Button($"Delete the access key {key}").ClickAsync();
        await page.DialogButton("Delete access key").ClickAsync();
        await Assertions.Expect(page.GetByText("No access keys")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task Account_PasswordChanged_EndsTheOtherSessionOnly()
    {
        var (name, link) = await browser.Server.InviteAsync(Role.ServiceViewer);
        var page = await browser.OpenAsync();
        await page.GotoAsync(link);
        await page.ChoosePasswordAsync("a good password");
        await page.WaitForURLAsync("**/overview");
        var other = await browser.OpenAsync();
        await other.SignInAsync(name, "a good password");
        await other.WaitForConsoleAsync();

        await page.GetByLabel($"Signed in as {name}").ClickAsync();
        await page.GetByText("Your account").ClickAsync();
        await Assertions.Expect(page.GetByText("Service Viewer")).ToBeVisibleAsync();
        await ChangeAsync(page, "wrong password");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The present password is wrong.");
        await ChangeAsync(page, "a good password");
        await Assertions.Expect(page.GetByText("The password was changed.")).ToBeVisibleAsync();
        await other.WaitForURLAsync("**/sign-in?returnUrl=*");
        await other.SignInAsync(name, "a better password");
        await other.WaitForConsoleAsync();

        await page.ReloadAsync();
        await Assertions.Expect(page.GetByText("this one")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^End the session of Chrom.* on Linux, 127.0.0.1, last seen just now$") }).ClickAsync();
        await Assertions.Expect(page.GetByText("The session was ended.")).ToBeVisibleAsync();
        await other.WaitForURLAsync("**/sign-in?returnUrl=*");
        await Assertions.Expect(page.Button("Sign out everywhere else")).ToHaveCountAsync(0);
        await other.SignInAsync(name, "a better password");
        await other.WaitForConsoleAsync();

        await page.ReloadAsync();
        await page.Button("Sign out everywhere else").ClickAsync();
        await page.WaitForURLAsync("**/account?done=sessions");
        await other.WaitForURLAsync("**/sign-in?returnUrl=*");
        await page.Link("Back to the console").ClickAsync();
        await page.WaitForURLAsync("**/overview");
        await page.WaitForConsoleAsync();
    }

    private static async Task ChangeAsync(IPage page, string present)
    {
        await page.GetByLabel("Present password").FillAsync(present);
        await page.GetByLabel("New password", new() { Exact = true }).FillAsync("a better password");
        await page.GetByLabel("Repeat the new password").FillAsync("a better password");
        await page.Button("Change the password").ClickAsync();
    }

    private static ILocator Row(IPage page, string name) => page.GetByRole(AriaRole.Row).Filter(new() { Has = page.Button($"Actions for {name}") });

    private static async Task ChooseAsync(IPage page, string name, string action)
    {
        await page.Button($"Actions for {name}").ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = action, Exact = true }).ClickAsync();
    }

    [GeneratedRegex("^(Delete|Edit|Move|Copy or move|Create|Restore|Point)")]
    private static partial Regex Changing();
}
