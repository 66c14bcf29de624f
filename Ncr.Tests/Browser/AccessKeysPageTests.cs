using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Playwright;

namespace Ncr.Tests.Browser;

[Collection(BrowserGroup.Name)]
public sealed class AccessKeysPageTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task AccessKey_CreatedHere_LogsInUntilItIsDisabledAndDeleted()
    {
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync("/access-keys");
        await page.Button("Create access key").First.ClickAsync();
        var key = await page.GetByTestId("access-key").InnerTextAsync();
        var secret = await page.GetByTestId("secret-key").InnerTextAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("can't be shown again");
        Assert.Equal(HttpStatusCode.OK, await LogInAsync(key, secret));

        await page.DialogButton("I have copied it").ClickAsync();
        await Assertions.Expect(page.GetByText(secret)).ToHaveCountAsync(0);
        await page.GetByLabel($"{key} is enabled").ClickAsync();
        await Assertions.Expect(page.GetByText($"{key} is disabled")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await LogInAsync(key, secret));

        await page.Button($"Delete the access key {key}").ClickAsync();
        await page.DialogButton("Delete access key").ClickAsync();
        await Assertions.Expect(page.Button($"Delete the access key {key}")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task AccessKeys_ChangedElsewhere_FollowByThemselves()
    {
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync("/access-keys");
        await page.WaitForConsoleAsync();
        var (key, _) = await browser.Server.CreateAccessKeyAsync();
        await Assertions.Expect(page.Button($"Delete the access key {key}")).ToBeVisibleAsync();
        await browser.Server.DeleteAccessKeyAsync(key);
        await Assertions.Expect(page.Button($"Delete the access key {key}")).ToHaveCountAsync(0);
    }

    private async Task<HttpStatusCode> LogInAsync(string key, string secret)
    {
        using var http = browser.Server.CreateClient(authenticated: false);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key}:{secret}")));
        using var response = await http.GetAsync(new Uri("/v2/", UriKind.Relative));
        return response.StatusCode;
    }
}
