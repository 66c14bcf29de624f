using System.Globalization;
using System.Text;

namespace Ncr.Web.Downloads;

/// <summary>Names for files that are saved, made from names that strangers chose.</summary>
internal static class FileName
{
    private const int MaxLength = 120;
    private const string NotInNames = "<>:\"|?*";

    /// <summary>The last part of a path, without what would lead elsewhere, be invisible or be refused by a file system.</summary>
    public static string Safe(string name)
    {
        var last = name.TrimEnd('/', '\\')[(name.TrimEnd('/', '\\').LastIndexOfAny(['/', '\\']) + 1)..];
        var text = new StringBuilder();
        foreach (var rune in last.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            var isOdd = category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
                || rune == Rune.ReplacementChar || (rune.IsAscii && NotInNames.Contains((char)rune.Value, StringComparison.Ordinal));
            text.Append(isOdd ? "_" : rune.ToString());
            if (text.Length >= MaxLength)
            {
                break;
            }
        }

        var safe = text.ToString().Trim(' ');
        return safe.Trim('.').Length == 0 ? "file" : safe.StartsWith('.') ? "_" + safe[1..] : safe;
    }
}
