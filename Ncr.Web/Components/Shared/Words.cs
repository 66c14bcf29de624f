using System.Globalization;

namespace Ncr.Web.Components.Shared;

internal static class Words
{
    /// <summary><c>1 tag</c>, <c>1,204 tags</c>.</summary>
    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");

    /// <summary><c>24 hours</c>, <c>7 days</c>: in the largest unit that gives a whole number of at least two, or one.</summary>
    public static string Span(TimeSpan span) =>
        span.Ticks % TimeSpan.TicksPerDay == 0 && span.TotalDays >= 2 ? Count((long)span.TotalDays, "day")
        : span.Ticks % TimeSpan.TicksPerHour == 0 && span.TotalHours >= 1 ? Count((long)span.TotalHours, "hour")
        : span.TotalMinutes >= 1 ? Count((long)Math.Round(span.TotalMinutes), "minute")
        : Count((long)Math.Round(span.TotalSeconds), "second");
}
