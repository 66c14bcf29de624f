namespace Ncr.Core.Errors;

/// <summary>What is wrong with the storage.</summary>
internal enum StorageFailureKind
{
    Full,
    NotWritable,
    FolderMissing,
    Unreadable,
    TooManyFiles,
    CantOpenDatabase,
    DatabaseLocked,
    DatabaseDamaged,
}
