using Microsoft.Playwright;
using Ncr.Core.Access;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>Roles in single registries.</summary>
[Collection(BrowserGroup.Name)]
public sealed class MembersTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Member_WithoutARoleElsewhere_SeesThatRegistryOnly_AsLongAsTheRoleLasts()
    {
        var (registry, other) = (await browser.Server.CreateRegistryAsync(), await browser.Server.CreateRegistryAsync());
        await browser.Server.PushAsync($"{registry}/app", "1.0");
        var (name, link) = await browser.Server.InviteAsync(Role.None);
        var page = await browser.OpenAsync();
        await page.GotoAsync(link);
        await page.ChoosePasswordAsync("a good password");
        await page.WaitForURLAsync("**/overview");

        var admin = await browser.OpenSignedInAsync();
        await admin.GotoAsync(ConsoleUrls.Registry(registry));
        await admin.Link("Members").ClickAsync();
        await Assertions.Expect(admin.GetByText("No members")).ToBeVisibleAsync();
        await admin.Button("Add member").ClickAsync();
        var input = admin.GetByLabel("User or service account");
        await input.FillAsync("nobody-like-it");
        await admin.DialogButton("Add").ClickAsync();
        await Assertions.Expect(admin.GetByText("There is no user 'nobody-like-it'.")).ToBeVisibleAsync();
        await input.FillAsync(name[..6]);
        await Assertions.Expect(admin.Locator($"#member-names option[value='{name}']")).ToHaveCountAsync(1);
        await input.FillAsync(name);
        await admin.GetByLabel("Image Uploader").CheckAsync();
        await admin.DialogButton("Add").ClickAsync();
        await Assertions.Expect(admin.GetByRole(AriaRole.Row).Filter(new() { HasText = name })).ToContainTextAsync("Image Uploader");

        await page.GotoAsync(ConsoleUrls.Registries);
        await Assertions.Expect(page.Link(registry)).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("td.name")).ToHaveCountAsync(1);
        await page.GotoAsync(ConsoleUrls.Registry(other));
        await Assertions.Expect(page.GetByText("You may not see this")).ToBeVisibleAsync();
        await page.GotoAsync(ConsoleUrls.Registry(registry));
        await Assertions.Expect(page.Link("app")).ToBeVisibleAsync();
        await Assertions.Expect(page.Link("Members")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Button("Delete registry")).ToHaveCountAsync(0);

        await admin.Button($"Change the role of {name}").ClickAsync();
        await admin.GetByLabel("Service Admin").CheckAsync();
        await admin.DialogButton("Save").ClickAsync();
        await Assertions.Expect(page.Link("Members")).ToBeVisibleAsync();
        await Assertions.Expect(page.Button("Delete registry")).ToBeVisibleAsync();

        await admin.Button($"Remove {name}").ClickAsync();
        await admin.DialogButton("Remove").ClickAsync();
        await Assertions.Expect(admin.GetByText("No members")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("You may not see this")).ToBeVisibleAsync();
    }
}
