using Ncr.Core.Backups;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// Whether content has to stay where it is, because a backup is copying it. Ask after what is to be deleted was listed: what a backup that begins
/// later copies does not name it any more.
/// </summary>
internal sealed class ContentHold(DataFolder folder, TimeProvider clock)
{
    public bool IsHeld => BackupLease.IsHeld(folder, clock);
}
