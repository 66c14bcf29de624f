using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Playwright;
using Ncr.Tests.Support;

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
        await page.DialogButton("Create").ClickAsync();
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
    public async Task AccessKey_WithLimits_KeepsToThemAndLetsThemBeChanged()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        var image = RegistryClient.UniqueName(registry);
        using (var admin = browser.Server.CreateClient())
        {
            await new RegistryClient(admin, image).PushAsync(new ImageBuilder(1), "v1");
        }

        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync("/access-keys");
        await page.Button("Create access key").First.ClickAsync();
        await page.GetByLabel("What it is for").FillAsync("Build server");
        await page.GetByLabel("push, and delete where the role allows it").UncheckAsync();
        await page.GetByLabel("Only from these networks").FillAsync("10.0.0.0/33");
        await page.DialogButton("Create").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'10.0.0.0/33' is no network");
        await page.GetByLabel("Only from these networks").FillAsync("127.0.0.0/8");
        Assert.Empty(await page.FindFaultsAsync("the dialog"));
        await page.GetByLabel("Only in these registries").ClickAsync();
        await page.GetByText(registry, new() { Exact = true }).ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.DialogButton("Create").ClickAsync();
        var key = await page.GetByTestId("access-key").InnerTextAsync();
        var secret = await page.GetByTestId("secret-key").InnerTextAsync();
        await page.DialogButton("I have copied it").ClickAsync();

        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = key });
        await Assertions.Expect(row).ToContainTextAsync("Build server");
        await Assertions.Expect(row).ToContainTextAsync("pull only");
        await Assertions.Expect(row).ToContainTextAsync($"in {registry}");
        using var http = browser.Server.CreateClient(authenticated: false);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key}:{secret}")));
        var client = new RegistryClient(http, image);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("manifests/v1")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.StartUploadAsync()).StatusCode);

        await page.Button($"Change the limits of {key}").ClickAsync();
        await page.GetByLabel("push, and delete where the role allows it").CheckAsync();
        await page.GetByLabel("pull", new() { Exact = true }).UncheckAsync();
        await page.DialogButton("Save").ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("push only");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("manifests/v1")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await client.StartUploadAsync()).StatusCode);
        await browser.Server.DeleteAccessKeyAsync(key);
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
