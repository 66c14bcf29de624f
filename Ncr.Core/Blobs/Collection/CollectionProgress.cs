namespace Ncr.Core.Blobs.Collection;

/// <summary>How far a collection is.</summary>
/// <param name="Phase">What it is at.</param>
/// <param name="Done">How much of this phase is done: blobs, contents, uploads or folders.</param>
/// <param name="Total">Out of how many; an estimate, and 0 when it is not known.</param>
/// <param name="SoFar">What was found until now; the run's id is 0 while it has none.</param>
public sealed record CollectionProgress(CollectionPhase Phase, int Done, int Total, CollectionRunRow SoFar);
