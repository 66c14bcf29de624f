namespace Ncr.Web.Components.Pages.Overview;

/// <summary>How far up a chart's axis goes: to a round number.</summary>
internal static class ChartScale
{
    private static readonly long[] Steps = [2, 4, 6, 8, 10];

    /// <summary>At least <paramref name="most"/> and 2, and even, so that its half can stand on the axis, too.</summary>
    public static long OfCount(long most)
    {
        for (var magnitude = 1L; ; magnitude *= 10)
        {
            if (Array.Find(Steps, s => s * magnitude >= most) is > 0 and var step)
            {
                return step * magnitude;
            }
        }
    }

    /// <summary>As <see cref="OfCount"/> in the binary unit that the number is told in.</summary>
    public static long OfBytes(long most)
    {
        var unit = 1L;
        while (most / unit >= 1024 && unit < 1L << 50)
        {
            unit <<= 10;
        }

        return OfCount((most + unit - 1) / unit) * unit;
    }
}
