namespace Ncr.Core.Paging;

/// <summary>Turns what a person typed into a LIKE pattern, with <c>%</c> and <c>_</c> meaning themselves.</summary>
internal static class LikePattern
{
    public const string Escape = "\\";

    /// <summary>Finds it anywhere.</summary>
    public static string Contains(string text) => "%" + StartsWith(text);

    public static string StartsWith(string text) =>
        text.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal) + "%";
}
