using System.Globalization;

namespace Ncr.Web.Components.Shared;

internal static class Words
{
    /// <summary><c>1 tag</c>, <c>1,204 tags</c>.</summary>
    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");
}
