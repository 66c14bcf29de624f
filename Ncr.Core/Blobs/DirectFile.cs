using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ncr.Core.Blobs;

/// <summary>
/// Writing past the page cache. Copying a large layer into it costs more than all else of an upload together (measured), and pushes
/// out what is being pulled; the disk takes the bytes straight from the buffer. .NET has no flag for it on Linux.
/// </summary>
internal static partial class DirectFile
{
    /// <summary>Offsets, lengths and addresses have to be multiples of it; disks ask for 512 or 4096 bytes.</summary>
    public const int BlockSize = 4096;

    /// <summary>EINVAL.</summary>
    public const int InvalidArgument = 22;

    private const int WriteOnlyFlag = 1;
    private const int CloseOnExecFlag = 0x80000;

    private static readonly int DirectFlag = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 or Architecture.X86 => 0x4000,
        Architecture.Arm64 => 0x10000,
        _ => 0,
    };

    /// <param name="isRefused">The system or the file system has no such thing: not now, not later.</param>
    /// <returns>Null when it can't be opened so.</returns>
    public static SafeFileHandle? TryOpen(string path, out bool isRefused)
    {
        isRefused = !OperatingSystem.IsLinux() || DirectFlag == 0;
        if (isRefused)
        {
            return null;
        }

        var descriptor = Open(path, WriteOnlyFlag | DirectFlag | CloseOnExecFlag);
        isRefused = descriptor < 0 && Marshal.GetLastPInvokeError() == InvalidArgument;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    public static bool IsAligned(ReadOnlySpan<byte> bytes, long offset) =>
        offset % BlockSize == 0 && AddressOf(bytes) % BlockSize == 0;

    private static unsafe nuint AddressOf(ReadOnlySpan<byte> bytes) => (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
