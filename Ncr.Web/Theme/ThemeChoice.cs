namespace Ncr.Web.Theme;

/// <summary>Light, dark, or as the system; kept in a cookie that console.js writes.</summary>
internal static class ThemeChoice
{
    public const string Cookie = "ncr-theme";
    public const string Light = "light";
    public const string Dark = "dark";

    /// <summary>Null for the system's.</summary>
    public static string? Read(HttpRequest request) => request.Cookies[Cookie] is (Light or Dark) and var choice ? choice : null;
}
