using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;

namespace Ncr.Core.Figures;

/// <summary>What somebody should look after.</summary>
/// <param name="OldKeys">Enabled access keys older than advised, the oldest first: one's own, and everybody's for who may see those.</param>
/// <param name="Disk">The disk, when it is nearly full; else null.</param>
/// <param name="DamagedBlobs">Blobs that are damaged.</param>
/// <param name="FailedCollection">The last collection, when it failed; else null.</param>
/// <param name="FailedCheck">The last integrity check, when it ended early or found more than damaged blobs; else null.</param>
public sealed record Attention(IReadOnlyList<OldKeyRow> OldKeys, DiskRoom? Disk, int DamagedBlobs, CollectionRunRow? FailedCollection, IntegrityRunRow? FailedCheck)
{
    public bool IsNeeded => OldKeys.Count > 0 || Disk is not null || DamagedBlobs > 0 || FailedCollection is not null || FailedCheck is not null;
}
