namespace Ncr.Core.Figures;

/// <summary>How much was stored at the end of a day (UTC), or is now on the last one.</summary>
public sealed record StoredOnDay(DateOnly Day, long Bytes);
