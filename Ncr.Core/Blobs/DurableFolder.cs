using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Ncr.Core.Blobs;

/// <summary>Flushes a folder's entries, without which a file that was just moved there may be gone after a power cut. .NET has no call for it.</summary>
internal static partial class DurableFolder
{
    private const int ReadOnlyFlag = 0;
    private const int CloseOnExecFlag = 0x80000;

    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals its folders.
        }

        var descriptor = Open(path, OperatingSystem.IsLinux() ? ReadOnlyFlag | CloseOnExecFlag : ReadOnlyFlag);
        if (descriptor < 0)
        {
            throw Failure(path);
        }

        try
        {
            if (FSync(descriptor) != 0)
            {
                throw Failure(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string path)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException($"The folder '{path}' could not be flushed to disk: {new Win32Exception(code).Message}", code);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
