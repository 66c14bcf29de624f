using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Ncr.Web;
using Ncr.Web.Components;

namespace Ncr.Tests.Web;

public sealed class PagesRequireSignInTests
{
    private static readonly Type[] Pages = [.. typeof(App).Assembly.GetTypes().Where(t => t.IsDefined(typeof(RouteAttribute), inherit: false))];

    /// <summary>Only these may be seen by anybody; a page that is added is behind the sign-in.</summary>
    [Fact]
    public void Pages_OpenToAnybody_AreThoseOfTheAccount()
    {
        var open = Pages.Where(t => t.IsDefined(typeof(AllowAnonymousAttribute), inherit: true) || !t.IsDefined(typeof(AuthorizeAttribute), inherit: true));

        Assert.Equal(
            [ConsoleUrls.Error, ConsoleUrls.Password, ConsoleUrls.Setup, ConsoleUrls.SignIn],
            open.SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), inherit: false)).Cast<RouteAttribute>().Select(r => r.Template).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Pages_OfTheConsole_AreFound() => Assert.True(Pages.Length >= 9, $"Only {Pages.Length} pages were found.");
}
