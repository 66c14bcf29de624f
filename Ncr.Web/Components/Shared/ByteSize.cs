using System.Globalization;

namespace Ncr.Web.Components.Shared;

/// <summary>Numbers of bytes in words.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Three digits at most before the unit, such as <c>12.4 MiB</c>.</summary>
    public static string Format(long bytes)
    {
        if (bytes < 1024)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        }

        var value = bytes / 1024d;
        var unit = 0;
        while (value >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return $"{value.ToString(value < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    public static string Exact(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes");
}
