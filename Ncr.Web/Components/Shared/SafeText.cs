using System.Globalization;
using System.Text;

namespace Ncr.Web.Components.Shared;

/// <summary>Texts that strangers chose, so that what is seen is what is there.</summary>
internal static class SafeText
{
    /// <summary>Characters that are invisible, break lines or turn the direction of writing are written as their numbers.</summary>
    public static string Show(string text)
    {
        if (!text.EnumerateRunes().Any(IsOdd))
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(IsOdd(rune) ? string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}") : rune.ToString());
        }

        return result.ToString();
    }

    /// <summary>The same for a text of several lines, whose breaks and tabs stay.</summary>
    public static string ShowLines(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t' or '\r' || !IsOdd(rune))
            {
                result.Append(rune.Value == '\r' ? "" : rune.ToString());
            }
            else
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
        }

        return result.ToString();
    }

    private static bool IsOdd(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
