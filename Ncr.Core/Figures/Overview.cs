using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;

namespace Ncr.Core.Figures;

/// <summary>How the server stands.</summary>
/// <param name="Registries">Registries there are.</param>
/// <param name="Images">Images in them.</param>
/// <param name="Stored">Blobs that are stored; null when they were not counted yet, or for who may not know.</param>
/// <param name="Disk">The room left; null when it is not known, or for who may not know.</param>
/// <param name="Days">Each of the last 30 days, today the last.</param>
/// <param name="Storage">What was stored on the days that are known of the last 90, today the last.</param>
/// <param name="Activity">What happened last, the latest first.</param>
/// <param name="Collection">The collection that somebody asked for and which is running; else null.</param>
/// <param name="Check">The integrity check when one is running; else null.</param>
/// <param name="Attention">What somebody should look after.</param>
public sealed record Overview(
    int Registries, long Images, StoredAmount? Stored, DiskRoom? Disk, IReadOnlyList<DayCount> Days, IReadOnlyList<StoredOnDay> Storage,
    IReadOnlyList<ActivityRow> Activity, CollectionProgress? Collection, IntegrityStatus? Check, Attention Attention)
{
    public const int DaysCounted = 30;
    public const int DaysOfStorage = 90;
}
