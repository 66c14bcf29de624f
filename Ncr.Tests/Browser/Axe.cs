using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Ncr.Tests.Browser;

/// <summary>What axe finds wrong with a page.</summary>
internal static class Axe
{
    /// <param name="page">The page.</param>
    /// <param name="where">What it is called in what is answered.</param>
    /// <param name="onlyColours">When all else was looked at in other colours.</param>
    public static async Task<IEnumerable<string>> FindFaultsAsync(this IPage page, string where, bool onlyColours = false)
    {
        // What passes is most of the work and of what is sent.
        var options = new AxeRunOptions { ResultTypes = [ResultType.Violations] };
        if (onlyColours)
        {
            options.RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast", "link-in-text-block"] };
        }

        // The newer way opens a browser profile of its own at each look, to join what frames say; there are no frames.
#pragma warning disable CS0618 // It may go with a later version, and then the newer one does the same more slowly.
        var result = await page.Locator("html").RunAxeLegacy(options);
#pragma warning restore CS0618
        return result.Violations.SelectMany(v => v.Nodes.Select(n => $"{where}: {v.Id}: {v.Help}: {n.Html}"));
    }
}
