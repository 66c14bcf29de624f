namespace Ncr.Core.Paging;

/// <summary>Turns what a person typed into a LIKE pattern that finds it anywhere, with <c>%</c> and <c>_</c> meaning themselves.</summary>
internal static class LikePattern
{
    public const string Escape = "\\";

    public static string Contains(string text) => "%" + StartsWith(text);

    /// <summary>As <see cref="Contains"/>, at the beginning only.</summary>
    public static string StartsWith(string text) =>
        text.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
}
