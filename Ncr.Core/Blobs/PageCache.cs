using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ncr.Core.Blobs;

/// <summary>Lets the system forget what it holds of a file in memory, so that a check reads the disk and leaves room for what is pulled.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4;

    public static void Drop(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(file, 0, 0, DontNeed); // Advice: where it is not taken, nothing is lost.
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
