using Ncr.Core.Errors;

namespace Ncr.Core.Backups;

/// <summary>The folder of a backup, locked: one writes, or many read.</summary>
internal sealed class BackupFolder : IDisposable
{
    private const string LockName = "backup.lock";
    private readonly FileStream? _lock;

    private BackupFolder(string root, FileStream? lockFile)
    {
        Root = root;
        _lock = lockFile;
    }

    public string Root { get; }

    public ContentFolder Content => new(Path.Combine(Root, "blobs"));

    public string Keys => Path.Combine(Root, "keys");

    /// <exception cref="NcrException"><see cref="NcrError.NotFound"/> or <see cref="NcrError.Conflict"/>.</exception>
    public static BackupFolder OpenToRead(string path)
    {
        var root = Path.GetFullPath(path);
        if (!Directory.Exists(root))
        {
            throw new NcrException(NcrError.NotFound, $"There is no folder '{root}'.");
        }

        try
        {
            return new BackupFolder(root, new FileStream(Path.Combine(root, LockName), FileMode.Open, FileAccess.Read, FileShare.Read));
        }
        catch (FileNotFoundException)
        {
            return new BackupFolder(root, null); // A copy of a backup may do without.
        }
        catch (IOException)
        {
            throw new NcrException(NcrError.Conflict, $"A backup to '{root}' is running. Wait for it to end.");
        }
    }

    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: something else is there, or another backup is writing to it.</exception>
    public static BackupFolder OpenToWrite(string path)
    {
        var root = Path.GetFullPath(path);
        var lockPath = Path.Combine(root, LockName);
        if (Directory.Exists(root) && !File.Exists(lockPath) && !File.Exists(Path.Combine(root, BackupManifest.FileName)) && HasFiles(root))
        {
            throw new NcrException(NcrError.Conflict, $"'{root}' has other files in it. Name an empty or new folder, or one that an earlier backup made.");
        }

        DurableFile.MakeFolder(root);
        try
        {
            return new BackupFolder(root, new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (!Failures.IsDiskFull(exception))
        {
            throw new NcrException(NcrError.Conflict, $"Another backup to '{root}' is running, or someone is reading it. Wait for that to end.");
        }
    }

    /// <exception cref="NcrException"><see cref="NcrError.Invalid"/>: one of the two folders lies in the other.</exception>
    public static void RequireApart(string data, string backup)
    {
        var (own, other) = (data + Path.DirectorySeparatorChar, Path.TrimEndingDirectorySeparator(Path.GetFullPath(backup)) + Path.DirectorySeparatorChar);
        if (own.StartsWith(other, StringComparison.Ordinal) || other.StartsWith(own, StringComparison.Ordinal))
        {
            throw new NcrException(NcrError.Invalid, $"The backup can't be in the data folder '{data}' or around it. Choose a folder elsewhere, best on another disk.");
        }
    }

    public void Dispose() => _lock?.Dispose();

    // A fresh disk has this one.
    private static bool HasFiles(string root) => Directory.EnumerateFileSystemEntries(root).Any(e => Path.GetFileName(e) != "lost+found");
}
