namespace Ncr.Core.Blobs.Integrity;

/// <summary>A run as a page shows it.</summary>
/// <param name="StartedBy">Null for the server's own.</param>
/// <param name="Bytes">Bytes looked at.</param>
/// <param name="Damaged">How many blobs and manifests were found damaged.</param>
/// <param name="Error">Why it ended early, or what is wrong beyond single blobs; null when nothing is.</param>
public sealed record IntegrityRunRow(
    long Id, bool IsQuick, DateTime StartedAt, DateTime? EndedAt, string? StartedBy, int Blobs, long Bytes, int Manifests, int Damaged, string? Error);
