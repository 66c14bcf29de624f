using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Ncr.Core.Access;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

/// <summary>What tests with several people do first.</summary>
internal static class UserSteps
{
    public static string NewName() => $"u{Guid.NewGuid():n}"[..12];

    /// <summary>Makes a person.</summary>
    /// <returns>The name, and the link to choose a password by.</returns>
    public static async Task<(string Name, string Link)> InviteAsync(this NcrServer server, Role role)
    {
        var name = NewName();
        var link = await server.Services.GetRequiredService<UserAdministration>().CreateAsync(server.Administrator, name, role, CancellationToken.None);
        return (name, ConsoleUrls.PasswordWith(link.User, link.Code));
    }

    public static async Task ChoosePasswordAsync(this IPage page, string password, string? repeat = null)
    {
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await page.GetByLabel("Repeat the password").FillAsync(repeat ?? password);
        await page.Button("Choose and sign in").ClickAsync();
    }

    /// <summary>On the page where one is, or from the beginning.</summary>
    public static async Task SignInAsync(this IPage page, string name, string password)
    {
        if (!page.Url.Contains(ConsoleUrls.SignIn, StringComparison.Ordinal))
        {
            await page.GotoAsync(ConsoleUrls.SignIn);
        }

        await page.GetByLabel("User name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(password);
        await page.Button("Sign in").ClickAsync();
    }
}
