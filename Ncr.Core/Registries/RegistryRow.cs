namespace Ncr.Core.Registries;

/// <summary>A registry as lists and pages show it.</summary>
/// <param name="ImageCount">Images in it.</param>
/// <param name="Size">Bytes that its artifacts need, each blob counted once.</param>
public sealed record RegistryRow(long Id, string Name, RegistrySettings Settings, int ImageCount, long Size, DateTime CreatedAt, string CreatedBy)
{
    public string? Description => Settings.Description;
}
