namespace Ncr.Core.Figures;

/// <summary>What happened on a day (UTC), in all registries.</summary>
/// <param name="Pushes">Manifests pushed.</param>
/// <param name="Pulls">Manifests pulled.</param>
public sealed record DayCount(DateOnly Day, long Pushes, long Pulls);
