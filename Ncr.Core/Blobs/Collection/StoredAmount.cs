namespace Ncr.Core.Blobs.Collection;

/// <summary>So many things of so many bytes in all.</summary>
public sealed record StoredAmount(long Count, long Bytes)
{
    public static StoredAmount None { get; } = new(0, 0);
}
