namespace Ncr.Core.Blobs.Collection;

/// <summary>What the storage holds.</summary>
/// <param name="Blobs">Blobs, each counted once however many images have it.</param>
/// <param name="FreeBytes">Room left on the disk; null when the storage has no such limit.</param>
/// <param name="DiskBytes">The size of the disk; null likewise.</param>
public sealed record StorageFigures(StoredAmount Blobs, long? FreeBytes, long? DiskBytes);
