using System.Globalization;
using System.Text.RegularExpressions;

namespace Ncr.Tests.Failures;

/// <summary>What a process asked of the system, as strace recorded it with <c>-f -y</c>, with the order of each call's begin and end.</summary>
public sealed partial record SystemCall(string Name, string Text, long Result, int Begin, int End)
{
    /// <summary>The file of the first argument, when it is an open one.</summary>
    public string? File => OpenFile().Match(Text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The texts in quotes, such as the paths of a rename.</summary>
    public IReadOnlyList<string> Quoted => [.. Quotes().Matches(Text).Select(m => m.Groups[1].Value)];

    public bool IsWrite => Name is "write" or "pwrite64" or "writev" or "pwritev" or "pwritev2";

    public bool IsFlush => Name is "fsync" or "fdatasync";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Begin}-{End} {Name}({(Text.Length > 160 ? Text[..160] : Text)} = {Result}");

    /// <summary>Calls that threads were in the middle of are put together again.</summary>
    public static IReadOnlyList<SystemCall> Parse(IReadOnlyList<string> lines)
    {
        var calls = new List<SystemCall>();
        var open = new Dictionary<string, (string Text, int Begin)>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (Line().Match(lines[i]) is not { Success: true } line)
            {
                continue;
            }

            var (thread, text, begin) = (line.Groups[1].Value, line.Groups[2].Value, i);
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                open[thread] = (text[..^"<unfinished ...>".Length], i);
                continue;
            }

            if (Resumed().Match(text) is { Success: true } resumed && open.Remove(thread, out var first))
            {
                (text, begin) = (first.Text + resumed.Groups[1].Value, first.Begin);
            }

            if (Call().Match(text) is { Success: true } call)
            {
                var result = long.TryParse(call.Groups[3].Value, CultureInfo.InvariantCulture, out var value) ? value : -1;
                calls.Add(new SystemCall(call.Groups[1].Value, call.Groups[2].Value, result, begin, i));
            }
        }

        return calls;
    }

    [GeneratedRegex(@"^(\d+) +(.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>(.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(\w+)\((.*)\) += (-?\d+)")]
    private static partial Regex Call();

    [GeneratedRegex("^(?:\\d+|AT_FDCWD)<([^>]*)>")]
    private static partial Regex OpenFile();

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Quotes();
}
