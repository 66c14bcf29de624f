using MudBlazor;

namespace Ncr.Web.Theme;

/// <summary>How the console looks. console.css repeats the colours for the static pages and the first paint; a test compares the two.</summary>
internal static class NcrTheme
{
    private static readonly string[] Sans =
        ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Ubuntu", "Cantarell", "Helvetica Neue", "Arial", "sans-serif"];

    public static MudTheme Instance { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0b6e66",
            PrimaryContrastText = "#ffffff",
            Secondary = "#4a5a66",
            Tertiary = "#4a5a66",
            Info = "#0f5f9e",
            Success = "#1b7040",
            Warning = "#8a5300",
            Error = "#b3261e",
            Background = "#f5f7f8",
            BackgroundGray = "#eceff1",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#17212a",
            DrawerBackground = "#f5f7f8",
            DrawerText = "#35434e",
            DrawerIcon = "#53626e",
            TextPrimary = "#17212a",
            TextSecondary = "#53626e",
            TextDisabled = "#75838d",
            ActionDefault = "#53626e",
            ActionDisabled = "#9aa6ae",
            ActionDisabledBackground = "#e6eaed",
            LinesDefault = "#dfe4e8",
            LinesInputs = "#b4bec6",
            TableLines = "#e6eaed",
            TableHover = "#f2f6f6",
            Divider = "#dfe4e8",
            OverlayDark = "rgba(15,23,30,0.45)",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#4fc9ba",
            PrimaryContrastText = "#06221f",
            Secondary = "#a3b3bd",
            Tertiary = "#a3b3bd",
            Info = "#7cbcf0",
            Success = "#6fcf97",
            Warning = "#f0b455",
            Error = "#ff8a80",
            ErrorContrastText = "#2b0704",
            Background = "#10161a",
            BackgroundGray = "#0c1114",
            Surface = "#182025",
            AppbarBackground = "#182025",
            AppbarText = "#e7ecef",
            DrawerBackground = "#10161a",
            DrawerText = "#c6d0d6",
            DrawerIcon = "#a3b3bd",
            TextPrimary = "#e7ecef",
            TextSecondary = "#a3b3bd",
            TextDisabled = "#7a8a94",
            ActionDefault = "#a3b3bd",
            ActionDisabled = "#5d6b74",
            ActionDisabledBackground = "#232d33",
            LinesDefault = "#2b363d",
            LinesInputs = "#4a5963",
            TableLines = "#27323a",
            TableHover = "#1d272c",
            Divider = "#2b363d",
            OverlayDark = "rgba(4,8,10,0.6)",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", DrawerWidthLeft = "224px", AppbarHeight = "56px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Sans, FontSize = ".875rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontSize = ".9375rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontSize = ".875rem", LineHeight = "1.5", LetterSpacing = "normal" },
            H6 = new H6Typography { FontSize = "1.0625rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "-.005em" },
            Button = new ButtonTypography { FontSize = ".875rem", FontWeight = "600", LineHeight = "1.5", LetterSpacing = "normal", TextTransform = "none" },
            Caption = new CaptionTypography { FontSize = ".8125rem", LineHeight = "1.5", LetterSpacing = "normal" },
        },
    };
}
