using System.Globalization;

namespace Ncr.Web.Components.Shared;

/// <summary>Times as people say them.</summary>
internal static class RelativeTime
{
    /// <returns>Null for what is so long ago that its date says more.</returns>
    public static string? Format(DateTime at, DateTime now)
    {
        var ago = now - at;
        return ago < TimeSpan.FromMinutes(1) ? "just now"
            : ago < TimeSpan.FromHours(1) ? $"{ago.Minutes} min ago"
            : ago < TimeSpan.FromDays(1) ? $"{ago.Hours} h ago"
            : ago < TimeSpan.FromDays(2) ? "yesterday"
            : ago < TimeSpan.FromDays(60) ? $"{ago.Days} days ago"
            : null;
    }

    public static string Exact(DateTime at) => at.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
