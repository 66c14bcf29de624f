using Microsoft.Data.Sqlite;

namespace Ncr.Core.Hosting;

/// <summary>The data folder: everything a server keeps, and the lock that keeps a second server out of it.</summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>Seconds to wait while another program holds the database locked. Only that: no query is cut off by it.</summary>
    private const int BusyPatience = 10;

    private readonly FileStream? _lock;

    private DataFolder(string root, FileStream? lockFile)
    {
        Root = root;
        _lock = lockFile;
    }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    internal string Database => Path.Combine(Root, "ncr.db");

    internal string Backups => Path.Combine(Root, "backups");

    internal string Blobs => Path.Combine(Root, "blobs");

    /// <summary>What is left of damaged content.</summary>
    internal string Damaged => Path.Combine(Root, "damaged");

    internal string Uploads => Path.Combine(Root, "uploads");

    public string Keys => Path.Combine(Root, "keys");

    internal string BackupLease => Path.Combine(Root, "backup.lease");

    /// <summary>What the next start has to know of the uses of blobs that were only in memory.</summary>
    internal string UsesState => Path.Combine(Root, "uses.state");

    /// <summary>Here while a restore into this folder is not complete.</summary>
    internal string RestoreMarker => Path.Combine(Root, "restore.incomplete");

    /// <summary>The folder beside a server that may be running on it: nothing is made, and no lock is taken. For what only reads or is made for it.</summary>
    /// <exception cref="StartupException">There is no database.</exception>
    public static DataFolder Join(string path)
    {
        var folder = new DataFolder(Path.GetFullPath(path), null);
        return File.Exists(folder.Database)
            ? folder
            : throw new StartupException($"There is no database of NCR in '{folder.Root}'. Name the server's data folder with --data, or run this in the folder that the server is started in.");
    }

    /// <summary>Makes the folder where it is missing, checks that it can be written, and takes its lock.</summary>
    /// <exception cref="StartupException">It can't be used; the message says why and what to do.</exception>
    public static DataFolder Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            // It holds the database and the keys that sessions are sealed with. A folder that is there already keeps its owner's choice.
            if (!Directory.Exists(root) && !OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            Directory.CreateDirectory(root);

            var probe = Path.Combine(root, $".probe-{Guid.NewGuid():N}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The data folder '{root}' can't be written: {exception.Message} Give this user the right to write there, or choose another folder with Ncr:DataPath.");
        }

        try
        {
            return new DataFolder(root, new FileStream(Path.Combine(root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartupException($"The data folder '{root}' can't be locked: {exception.Message} Give this user the right to write its files.");
        }
        catch (IOException)
        {
            throw new StartupException($"Another NCR is running on the data folder '{root}'. Stop it first, or give this one its own folder with Ncr:DataPath.") { IsInUse = true };
        }
    }

    internal static string ConnectionString(string file, bool pooling = true) =>
        new SqliteConnectionStringBuilder { DataSource = file, Pooling = pooling, DefaultTimeout = BusyPatience }.ToString();

    public void Dispose() => _lock?.Dispose();
}
