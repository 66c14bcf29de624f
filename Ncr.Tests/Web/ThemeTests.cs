using System.Text.RegularExpressions;
using MudBlazor;
using MudBlazor.Utilities;
using Ncr.Web.Theme;

namespace Ncr.Tests.Web;

public sealed partial class ThemeTests
{
    /// <summary>The style sheet draws the static pages and the first paint, the theme all else: they must not drift apart.</summary>
    [Theory]
    [InlineData("bg", nameof(Palette.Background))]
    [InlineData("surface", nameof(Palette.Surface))]
    [InlineData("line", nameof(Palette.LinesDefault))]
    [InlineData("line-strong", nameof(Palette.LinesInputs))]
    [InlineData("text", nameof(Palette.TextPrimary))]
    [InlineData("text-2", nameof(Palette.TextSecondary))]
    [InlineData("accent", nameof(Palette.Primary))]
    [InlineData("on-accent", nameof(Palette.PrimaryContrastText))]
    [InlineData("danger", nameof(Palette.Error))]
    [InlineData("warn", nameof(Palette.Warning))]
    [InlineData("hover", nameof(Palette.TableHover))]
    public void StyleSheet_Colour_IsTheThemes(string variable, string property)
    {
        var match = Colour().Matches(File.ReadAllText(FindStyleSheet())).Single(m => m.Groups["name"].Value == variable);

        Assert.Equal(Value(NcrTheme.Instance.PaletteLight, property), new MudColor(match.Groups["light"].Value));
        Assert.Equal(Value(NcrTheme.Instance.PaletteDark, property), new MudColor(match.Groups["dark"].Value));
    }

    private static MudColor Value(Palette palette, string property) => (MudColor)typeof(Palette).GetProperty(property)!.GetValue(palette)!;

    private static string FindStyleSheet()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Ncr.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "Ncr.Web", "wwwroot", "css", "console.css");
    }

    [GeneratedRegex(@"--(?<name>[a-z0-9-]+): light-dark\((?<light>#\w+), (?<dark>#\w+)\)")]
    private static partial Regex Colour();
}
