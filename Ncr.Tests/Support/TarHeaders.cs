using System.Text;

namespace Ncr.Tests.Support;

/// <summary>Headers that say what no honest tool would write.</summary>
public static class TarHeaders
{
    /// <summary>Writes another size into a header, and makes its sum right.</summary>
    public static void SetSize(Span<byte> header, long size)
    {
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(header[124..]);
        SetSum(header);
    }

    /// <summary>The sum of a header that was changed.</summary>
    public static void SetSum(Span<byte> header)
    {
        header[148..156].Fill((byte)' ');
        var sum = 0;
        foreach (var value in header[..512])
        {
            sum += value;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }
}
