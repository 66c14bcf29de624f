using System.Globalization;

namespace Ncr.Registry.Protocol;

/// <summary>The Range of a request for a blob (RFC 9110 § 14): one range is served, several are answered with the whole.</summary>
internal readonly record struct ByteRange(long Start, long Length)
{
    public enum Answer
    {
        Whole,
        Part,
        NotSatisfiable,
    }

    public static Answer Read(string? header, long size, out ByteRange range)
    {
        range = new ByteRange(0, size);
        if (header is null || !header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) || header.Contains(',', StringComparison.Ordinal))
        {
            return Answer.Whole;
        }

        var text = header.AsSpan("bytes=".Length).Trim();
        var dash = text.IndexOf('-');
        if (dash < 0)
        {
            return Answer.NotSatisfiable;
        }

        var first = text[..dash].Trim();
        var last = text[(dash + 1)..].Trim();
        if (first.IsEmpty)
        {
            if (!TryNumber(last, out var suffix) || suffix == 0 || size == 0)
            {
                return Answer.NotSatisfiable;
            }

            var length = Math.Min(suffix, size);
            range = new ByteRange(size - length, length);
            return Answer.Part;
        }

        var end = size - 1;
        if (!TryNumber(first, out var start) || start >= size || (!last.IsEmpty && (!TryNumber(last, out end) || end < start)))
        {
            return Answer.NotSatisfiable;
        }

        range = new ByteRange(start, Math.Min(end, size - 1) - start + 1);
        return Answer.Part;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
