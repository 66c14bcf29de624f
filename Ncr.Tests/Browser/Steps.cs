using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Browser;

/// <summary>What several browser tests do first.</summary>
internal static class Steps
{
    public static async Task<string> CreateRegistryAsync(this NcrServer server)
    {
        var name = $"r{Guid.NewGuid():n}";
        await server.Services.GetRequiredService<RegistryService>().CreateAsync(server.Administrator, name, null, CancellationToken.None);
        return name;
    }

    /// <summary>Pushes an image over <c>/v2</c>, as a client does.</summary>
    public static async Task<PushedManifest> PushAsync(this NcrServer server, string image, string tag, ImageBuilder? content = null)
    {
        using var http = server.CreateClient();
        return await new RegistryClient(http, image).PushAsync(content ?? new ImageBuilder(), tag);
    }

    public static ILocator Link(this IPage page, string name) => page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public static ILocator DialogButton(this IPage page, string name) => page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Waits until the circuit has drawn the page.</summary>
    public static Task WaitForConsoleAsync(this IPage page) => page.Locator("main h1, main .empty-state h2").First.WaitForAsync();
}
