namespace Ncr.Core.Backups;

/// <summary>What a backup did.</summary>
/// <param name="Copied">Pieces of content that the target lacked.</param>
/// <param name="CopiedBytes">Their bytes.</param>
/// <param name="Pruned">Files that the earlier backup in this folder had and the service no longer needs.</param>
public sealed record BackupResult(string Target, BackupManifest Manifest, long Copied, long CopiedBytes, int Pruned);
