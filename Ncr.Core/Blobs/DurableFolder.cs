using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Ncr.Core.Blobs;

/// <summary>Moves files for good: in one step, and with the folder's entries flushed, without which a file that was just moved there may be gone after a power cut. .NET has no call for it.</summary>
internal static partial class DurableFolder
{
    private const int ReadOnlyFlag = 0;
    private const int CloseOnExecFlag = 0x80000;

    /// <summary>EXDEV.</summary>
    private const int CrossDevice = 18;

    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals its folders.
        }

        var descriptor = Open(path, OperatingSystem.IsLinux() ? ReadOnlyFlag | CloseOnExecFlag : ReadOnlyFlag);
        if (descriptor < 0)
        {
            throw Failure($"The folder '{path}' could not be flushed to disk");
        }

        try
        {
            if (FSync(descriptor) != 0)
            {
                throw Failure($"The folder '{path}' could not be flushed to disk");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Moves a file in one step, or not at all. .NET's own move links and unlinks, and copies where it can't, unflushed.</summary>
    /// <exception cref="IOException">With the system's error number as its HResult.</exception>
    public static void Move(string source, string target)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(source, target, overwrite: true);
        }
        else if (Rename(source, target) != 0)
        {
            throw Failure($"'{source}' could not be moved to '{target}'");
        }
    }

    /// <summary>Whether files can be moved from one folder to the other: they are on one file system.</summary>
    public static bool CanMove(string from, string to)
    {
        var (source, target) = (Path.Combine(from, ".move-probe"), Path.Combine(to, ".move-probe"));
        File.WriteAllBytes(source, []);
        try
        {
            Move(source, target);
            return true;
        }
        catch (IOException exception) when (exception.HResult == CrossDevice)
        {
            return false;
        }
        finally
        {
            File.Delete(source);
            File.Delete(target);
        }
    }

    private static IOException Failure(string what)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {new Win32Exception(code).Message}", code);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string source, string target);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
