namespace Ncr.Core.Backups;

/// <summary>What reading everything back showed.</summary>
/// <param name="Folder">The backup, or the data folder.</param>
/// <param name="Manifest">The backup's description; null for a data folder.</param>
/// <param name="Content">Pieces of content that were read.</param>
/// <param name="Bytes">Bytes of them.</param>
/// <param name="Manifests">Manifests of artifacts that were read.</param>
public sealed record VerifyResult(string Folder, BackupManifest? Manifest, long Content, long Bytes, long Manifests, IReadOnlyList<BackupDamage> Damage)
{
    public bool IsWhole => Damage.Count == 0;
}
