namespace Ncr.Core.Blobs.Integrity;

/// <summary>Where the checking of content stands.</summary>
/// <param name="Current">The run under way, or one that waits to go on; null when there is none.</param>
/// <param name="TotalBytes">Bytes that the run under way has to look at in all.</param>
/// <param name="Left">How long it will take yet, at the pace so far; null when that can't be said.</param>
/// <param name="Last">The run that ended last; null when there was none.</param>
/// <param name="LastFull">The last full run that came to its end; null when there was none.</param>
/// <param name="NextAt">When the next full run starts by itself; null for never.</param>
/// <param name="DamagedCount">Blobs that are damaged now.</param>
public sealed record IntegrityStatus(
    IntegrityRunRow? Current, long TotalBytes, TimeSpan? Left, IntegrityRunRow? Last, IntegrityRunRow? LastFull, DateTime? NextAt, int DamagedCount);
