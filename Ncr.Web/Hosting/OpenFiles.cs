using System.Globalization;

namespace Ncr.Web.Hosting;

/// <summary>How many connections fit into the limit of open files.</summary>
internal static class OpenFiles
{
    private const string Limits = "/proc/self/limits";
    private const string Row = "Max open files";

    /// <summary>For the program itself: some 330 are open before the first request, nearly all of them libraries.</summary>
    private const int Reserve = 400;

    /// <summary>
    /// Half of what is left, since a request may open content besides; null where there is no limit to be read. Beyond it connections are closed as they come.
    /// Without that the limit would be met while accepting, and Kestrel then tries again and again without a pause, until the memory is full (measured).
    /// </summary>
    public static int? ConnectionLimit => File.Exists(Limits) ? Parse(File.ReadAllLines(Limits)) : null;

    internal static int? Parse(IEnumerable<string> limits)
    {
        var soft = limits.FirstOrDefault(l => l.StartsWith(Row, StringComparison.Ordinal))?[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out var files) ? Math.Max(32, (files - Reserve) / 2) : null;
    }
}
