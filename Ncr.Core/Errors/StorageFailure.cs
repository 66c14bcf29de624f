using Microsoft.Data.Sqlite;

namespace Ncr.Core.Errors;

/// <summary>
/// Recognises what the machine under the data folder can do to a request: no room, no right, no file left to open, a database that is
/// locked or damaged. Hosts ask it at their edge. Within Core such exceptions stay what they are: after one from a commit
/// nobody knows what is stored, and it must not pass for a refusal.
/// </summary>
public static class StorageFailure
{
    // Linux's numbers: .NET keeps them in HResult as they are.
    private const int NoPermission = 1;
    private const int IoError = 5;
    private const int NoAccess = 13;
    private const int TooManyFilesOnMachine = 23;
    private const int TooManyFiles = 24;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;

    // Windows' numbers, of the same.
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsWriteProtected = unchecked((int)0x80070013);

    // SQLite's result codes.
    private const int SqlitePermission = 3;
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteIoError = 10;
    private const int SqliteCorrupt = 11;
    private const int SqliteFull = 13;
    private const int SqliteCantOpen = 14;
    private const int SqliteNotADatabase = 26;

    // The index of the log is a mapped file: on a full disk it is this that can't grow.
    private const int SqliteIoErrorSharedMemorySize = 10 | (19 << 8);

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(60);

    /// <summary>What to tell the client; null when the exception, with all it wraps, is no failure of storage.</summary>
    public static NcrException? Recognise(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (Of(current) is { } kind)
            {
                return Explain(kind);
            }
        }

        return null;
    }

    /// <summary>The same for who starts the server: which folder, what to do, and the system's own words.</summary>
    public static string Explain(Exception exception, string folder) => Advise(exception) is { } failure
        ? $"{StartAdviceOn(failure.Kind, folder)} ({exception.GetBaseException().Message})"
        : exception.Message;

    /// <summary>The same as one line for the log: what is wrong, and what an administrator does about it.</summary>
    internal static (StorageFailureKind Kind, string Advice)? Advise(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (Of(current) is { } kind)
            {
                return (kind, AdviceOn(kind));
            }
        }

        return null;
    }

    private static StorageFailureKind? Of(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: SqliteFull } => StorageFailureKind.Full,
        SqliteException { SqliteExtendedErrorCode: SqliteIoErrorSharedMemorySize } => StorageFailureKind.Full,
        SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => StorageFailureKind.DatabaseLocked,
        SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase } => StorageFailureKind.DatabaseDamaged,
        SqliteException { SqliteErrorCode: SqliteReadOnly or SqlitePermission } => StorageFailureKind.NotWritable,
        SqliteException { SqliteErrorCode: SqliteIoError } => StorageFailureKind.Unreadable,
        SqliteException { SqliteErrorCode: SqliteCantOpen } => StorageFailureKind.CantOpenDatabase,
        IOException { HResult: NoSpace or QuotaExceeded or WindowsDiskFull or WindowsHandleDiskFull } => StorageFailureKind.Full,
        IOException { HResult: ReadOnlyFileSystem or WindowsWriteProtected or NoAccess or NoPermission } => StorageFailureKind.NotWritable,
        IOException { HResult: TooManyFiles or TooManyFilesOnMachine } => StorageFailureKind.TooManyFiles,
        IOException { HResult: IoError } => StorageFailureKind.Unreadable,
        UnauthorizedAccessException => StorageFailureKind.NotWritable,
        DirectoryNotFoundException => StorageFailureKind.FolderMissing,
        _ => null,
    };

    private static NcrException Explain(StorageFailureKind kind) => kind switch
    {
        StorageFailureKind.Full => new(NcrError.StorageFull, "The server's disk is full, so nothing can be stored. Tell its administrator; once there is room, push again."),
        StorageFailureKind.NotWritable => Unavailable("The server can't write to its storage. Tell its administrator; it works again as soon as that is put right.", Later),
        StorageFailureKind.FolderMissing => Unavailable("A part of the server's storage is not there. Tell its administrator; it works again as soon as that is put right.", Later),
        StorageFailureKind.Unreadable => Unavailable("The server's disk reports errors. Tell its administrator; what was not confirmed has to be sent again.", Later),
        StorageFailureKind.TooManyFiles or StorageFailureKind.CantOpenDatabase => Unavailable("The server has too much open at once, or can't open its database. Try again in a moment; if it stays, tell its administrator.", Soon),
        StorageFailureKind.DatabaseLocked => Unavailable("The server's database is locked by another program. Try again in a moment; if it stays, tell its administrator.", Soon),
        _ => new(NcrError.StorageDamaged, "The server's database is damaged. Tell its administrator: it has to be restored from a backup."),
    };

    private static string AdviceOn(StorageFailureKind kind) => kind switch
    {
        StorageFailureKind.Full => "The disk of the data folder is full: pushes are refused with 507, pulls go on. Free some room or enlarge it; then it works again by itself",
        StorageFailureKind.NotWritable => "The data folder can't be written: it is read-only, or this user lacks the right. Look at the mount, the system's log and the rights; then it works again by itself",
        StorageFailureKind.FolderMissing => "A folder of the data folder is missing. Is a disk not mounted? Once it is back, it works again by itself",
        StorageFailureKind.Unreadable => "The disk of the data folder reports errors. Look at the system's log, check the file system and, afterwards, the content (docs/integrity.md)",
        StorageFailureKind.TooManyFiles => "Too many files are open. Raise the limit (LimitNOFILE with systemd, ulimit -n) to 65536; it works again by itself once some are closed",
        StorageFailureKind.CantOpenDatabase => "The database can't be opened: too many files are open, or its file or folder lacks rights. It works again by itself once that is put right",
        StorageFailureKind.DatabaseLocked => "The database is locked by another program, such as a backup or an open sqlite3. End it; then it works again by itself",
        _ => "The database is damaged. Stop the server and restore it from a backup, or try sqlite3's .recover on a copy (docs/integrity.md)",
    };

    private static string StartAdviceOn(StorageFailureKind kind, string folder) => kind switch
    {
        StorageFailureKind.Full => $"The disk of the data folder '{folder}' is full. Free some room, or choose another folder with Ncr:DataPath.",
        StorageFailureKind.NotWritable => $"The data folder '{folder}' can't be written: it is read-only, or this user lacks the right for a part of it.",
        StorageFailureKind.FolderMissing => $"A part of the data folder '{folder}' is missing. Is a disk not mounted?",
        StorageFailureKind.Unreadable => $"The disk of the data folder '{folder}' reports errors. Look at the system's log and check the file system.",
        StorageFailureKind.TooManyFiles => "Too many files are open. Raise the limit (LimitNOFILE with systemd, ulimit -n) to 65536.",
        StorageFailureKind.CantOpenDatabase => $"The database in '{folder}' can't be opened. Check the rights of ncr.db and of the folder.",
        StorageFailureKind.DatabaseLocked => $"The database in '{folder}' is locked by another program, such as a backup or an open sqlite3. End it first.",
        _ => $"The database in '{folder}' is damaged. Restore it from a backup, or try sqlite3's .recover on a copy.",
    };

    private static NcrException Unavailable(string message, TimeSpan wait) => new(NcrError.Unavailable, message) { RetryAfter = wait };
}
