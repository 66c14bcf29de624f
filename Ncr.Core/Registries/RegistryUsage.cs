namespace Ncr.Core.Registries;

/// <summary>Whose the bytes of a registry are.</summary>
/// <param name="OwnSize">Bytes that nothing else needs.</param>
/// <param name="SharedSize">Bytes that other registries need, too: stored once.</param>
public sealed record RegistryUsage(long OwnSize, long SharedSize);
