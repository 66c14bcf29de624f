namespace Ncr.Core.Figures;

/// <summary>Room on the disk of the data folder.</summary>
/// <param name="Free">Bytes that may still be written.</param>
/// <param name="Size">Bytes there are in all.</param>
/// <param name="MinFree">The setting <c>Ncr:MinFreeSpace</c> in bytes; 0 when nobody wants a warning.</param>
public sealed record DiskRoom(long Free, long Size, long MinFree)
{
    /// <summary>The share of the disk in use from which on people are told.</summary>
    public const double NearlyFullFrom = 0.9;

    public double UsedShare => Size <= 0 ? 0 : Math.Clamp(1 - ((double)Free / Size), 0, 1);

    /// <summary>Less is left than the setting wants.</summary>
    public bool IsLow => Free < MinFree;

    public bool IsNearlyFull => IsLow || UsedShare >= NearlyFullFrom;
}
