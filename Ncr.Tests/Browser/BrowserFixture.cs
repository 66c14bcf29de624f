using Microsoft.Playwright;
using Ncr.Tests.Support;

namespace Ncr.Tests.Browser;

/// <summary>One browser and one server for all browser tests; each test has a browser profile and registries of its own.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    public const string Executable = "/usr/bin/chromium";

    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private NcrServer? _server;
    private string? _session;
    private static int _test;
    private readonly List<(int Test, IBrowserContext Context)> _contexts = [];

    public NcrServer Server => _server!;

    public async Task InitializeAsync()
    {
        if (!File.Exists(Executable))
        {
            return; // The tests say so themselves.
        }

        Assertions.SetDefaultExpectTimeout(15_000);
        _server = await NcrServer.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Executable, Args = Arguments });
        var page = await OpenAsync();
        await SignInAsync(page, Server.Password);
        await page.WaitForURLAsync("**/overview");
        _session = await page.Context.StorageStateAsync();
        await page.Context.CloseAsync();
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>A page that nobody is signed in on.</summary>
    public Task<IPage> OpenAsync(NcrServer? server = null) => OpenAsync((server ?? Server).Url, session: null, ColorScheme.Light);

    /// <summary>A page of the administrator.</summary>
    public Task<IPage> OpenSignedInAsync(ColorScheme colours = ColorScheme.Light) => OpenAsync(Server.Url, _session, colours);

    /// <summary>A page of the administrator of another server.</summary>
    public async Task<IPage> OpenSignedInAsync(NcrServer server)
    {
        var page = await OpenAsync(server);
        await SignInAsync(page, server.Password);
        await page.WaitForURLAsync("**/overview");
        return page;
    }

    /// <summary>A page of the administrator by another way to the server.</summary>
    public Task<IPage> OpenSignedInAsync(Relay way) => OpenAsync(way.Url, _session, ColorScheme.Light);

    internal static void BeginTest() => Interlocked.Increment(ref _test);

    public async Task SignInAsync(IPage page, string password)
    {
        await page.GotoAsync("/sign-in");
        await page.GetByLabel("User name").FillAsync(Server.UserName);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    private async Task<IPage> OpenAsync(Uri address, string? session, ColorScheme colours)
    {
        foreach (var old in _contexts.Where(c => c.Test != _test).ToList())
        {
            _contexts.Remove(old);
            await old.Context.CloseAsync();
        }

        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            StorageState = session,
            ColorScheme = colours,
            ViewportSize = new ViewportSize { Width = 1280, Height = 800 },
        });
        _contexts.Add((_test, context));
        context.SetDefaultTimeout(15_000);
        return await context.NewPageAsync();
    }
}

[CollectionDefinition(Name)]
[ClosesPages]
public sealed class BrowserGroup : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}
