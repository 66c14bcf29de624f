namespace Ncr.Core.Backups;

/// <summary>What a restore did.</summary>
/// <param name="DataFolder">Where the service is now.</param>
/// <param name="Copied">Pieces of content.</param>
/// <param name="CopiedBytes">Their bytes.</param>
/// <param name="MovedAside">Where everything is that was in the data folder before; null when it was empty.</param>
/// <param name="Damage">What the backup could not give back.</param>
public sealed record RestoreResult(string DataFolder, BackupManifest Manifest, long Copied, long CopiedBytes, string? MovedAside, IReadOnlyList<BackupDamage> Damage);
