namespace Ncr.Core.Backups;

/// <summary>How far a backup, a restore or a verification has come.</summary>
/// <param name="Step">What is being done, in a few words for a person.</param>
/// <param name="Done">Pieces of content so far, or pages of the database.</param>
/// <param name="Total">Of how many; 0 when that is not known.</param>
/// <param name="Bytes">Bytes of content copied or read so far.</param>
public sealed record BackupProgress(string Step, long Done = 0, long Total = 0, long Bytes = 0);
