namespace Ncr.Core.Blobs.Collection;

/// <summary>What could be freed, and what is going on.</summary>
/// <param name="Now">What a collection would free now.</param>
/// <param name="Later">What nothing needs either, but whose grace time is not over.</param>
/// <param name="NextAt">When the first of <paramref name="Later"/> may go; null when there is none.</param>
/// <param name="LastAt">When all of it may go.</param>
/// <param name="Uploads">Uploads nobody went on with for so long that they are given up.</param>
/// <param name="Discarded">Content whose blob is gone already and which is deleted within a minute.</param>
/// <param name="HeldUntil">Until then no blob is collected since the server has just started; null when that is over.</param>
/// <param name="Running">The collection that is running; null when none is.</param>
public sealed record CollectionStatus(
    StoredAmount Now, StoredAmount Later, DateTime? NextAt, DateTime? LastAt, StoredAmount Uploads, StoredAmount Discarded, DateTime? HeldUntil, CollectionProgress? Running);
