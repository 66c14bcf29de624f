using System.Globalization;

namespace Ncr.Core.Paging;

/// <summary>A place in a sorted list: a row's id and what the list is sorted by there.</summary>
/// <param name="Key">As the database gave it; as text when it came from an address; null when the row has none.</param>
internal sealed record Cursor(long Id, object? Key)
{
    private const char Separator = '.';

    public override string ToString()
    {
        var id = Id.ToString(CultureInfo.InvariantCulture);
        return Key switch
        {
            null => id,
            DateTime time => $"{id}{Separator}{time.Ticks.ToString(CultureInfo.InvariantCulture)}",
            _ => $"{id}{Separator}{Convert.ToString(Key, CultureInfo.InvariantCulture)}",
        };
    }

    /// <summary>Null for what is none: then a list begins at its start.</summary>
    public static Cursor? TryParse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var end = text.IndexOf(Separator, StringComparison.Ordinal);
        return long.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? new Cursor(id, end < 0 ? null : text[(end + 1)..]) : null;
    }
}
