using Microsoft.Playwright;
using Ncr.Core.Access;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>The pages about users, readable and usable by everybody.</summary>
[Collection(BrowserGroup.Name)]
public sealed class UserLookTests(BrowserFixture browser)
{
    [BrowserFact]
    public Task UserPages_Light_HaveNoFaultsForAxe() => CheckAllAsync(ColorScheme.Light);

    [BrowserFact]
    public Task UserPages_Dark_HaveNoFaultsForAxe() => CheckAllAsync(ColorScheme.Dark);

    private async Task CheckAllAsync(ColorScheme colours)
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var (name, link) = await browser.Server.InviteAsync(Role.None);
        var faults = new List<string>();
        var onlyColours = colours == ColorScheme.Dark; // Light has looked at the rest.
        var page = await browser.OpenSignedInAsync(colours);

        await page.GotoAsync(ConsoleUrls.Users);
        await page.Button($"Actions for {name}").WaitForAsync();
        await LookTests.CheckAsync(page, ConsoleUrls.Users, faults, onlyColours);
        await page.Button($"Actions for {name}").ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "New password link" }).ClickAsync();
        await page.DialogButton("Make the link").ClickAsync();
        var newer = await page.GetByTestId("one-time-link").InnerTextAsync();
        await LookTests.CheckDialogAsync(page, "the link", faults, onlyColours);
        await page.DialogButton("I have copied it").ClickAsync();
        await page.Button("Create user").ClickAsync();
        await LookTests.CheckDialogAsync(page, "the dialog for a user", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.UserKeys(name));
        await page.WaitForConsoleAsync();
        await LookTests.CheckAsync(page, ConsoleUrls.UserKeysPath, faults, onlyColours);

        await page.GotoAsync(ConsoleUrls.UserSessions(browser.Server.UserName));
        await page.Button("End all sessions").Or(page.GetByTitle("End")).First.WaitForAsync();
        await LookTests.CheckAsync(page, ConsoleUrls.UserSessionsPath, faults, onlyColours);

        await page.GotoAsync(ConsoleUrls.Registry(registry) + "?tab=members");
        await page.Button("Add member").ClickAsync();
        await LookTests.CheckDialogAsync(page, "the dialog for a member", faults, onlyColours);
        await page.GetByLabel("User or service account").FillAsync(name);
        await page.DialogButton("Add").ClickAsync();
        await page.Button($"Change the role of {name}").ClickAsync();
        await LookTests.CheckDialogAsync(page, "the dialog for a role", faults, onlyColours);
        await page.DialogButton("Cancel").ClickAsync();
        await LookTests.CheckAsync(page, "the members", faults, onlyColours);

        await page.Link("Settings").ClickAsync();
        await page.GetByLabel("Allowed networks").WaitForAsync();
        await LookTests.CheckAsync(page, "a registry's settings", faults, onlyColours);
        await page.GotoAsync(ConsoleUrls.AccessKeys);
        await page.Button("Create access key").First.ClickAsync();
        await LookTests.CheckDialogAsync(page, "the dialog for an access key", faults, onlyColours);

        var account = await browser.OpenAsync();
        await account.EmulateMediaAsync(new() { ColorScheme = colours });
        await account.GotoAsync(link); // Replaced by the newer one.
        await LookTests.CheckAsync(account, "an old link", faults, onlyColours);
        await account.GotoAsync(newer);
        await account.ChoosePasswordAsync("short");
        await LookTests.CheckAsync(account, ConsoleUrls.Password, faults, onlyColours);
        await account.ChoosePasswordAsync("a good password");
        await account.WaitForURLAsync("**/overview");
        await account.GotoAsync(ConsoleUrls.Account);
        await LookTests.CheckAsync(account, ConsoleUrls.Account, faults, onlyColours);
        await account.GotoAsync(ConsoleUrls.UserKeys(name));
        await account.WaitForConsoleAsync();
        await LookTests.CheckAsync(account, "a page that one may not see", faults, onlyColours);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
