namespace Ncr.Core.Blobs.Collection;

/// <summary>What one round of collection freed, or would have freed.</summary>
/// <param name="Id">Its number.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">Null while it runs, and for one that was cut short.</param>
/// <param name="StartedBy">Who asked for it; null for the server's own rounds.</param>
/// <param name="IsDryRun">Nothing was taken away.</param>
/// <param name="Blobs">Blobs that nothing needed.</param>
/// <param name="BlobBytes">Their bytes.</param>
/// <param name="Uploads">Uploads that were given up.</param>
/// <param name="UploadBytes">Their bytes.</param>
/// <param name="Orphans">Files that no row named.</param>
/// <param name="OrphanBytes">Their bytes.</param>
/// <param name="Error">What went wrong, and what to do; null when nothing did.</param>
public sealed record CollectionRunRow(
    long Id, DateTime StartedAt, DateTime? EndedAt, string? StartedBy, bool IsDryRun,
    int Blobs, long BlobBytes, int Uploads, long UploadBytes, int Orphans, long OrphanBytes, string? Error)
{
    /// <summary>Bytes freed in all.</summary>
    public long Bytes => BlobBytes + UploadBytes + OrphanBytes;
}
