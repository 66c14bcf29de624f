using System.Buffers;
using System.Security.Cryptography;
using Ncr.Core.Blobs;

namespace Ncr.Core.Backups;

/// <summary>Puts files in place so that after a power cut each is there whole or not at all: a temporary name, flush, rename, flush of the folder.</summary>
internal static class DurableFile
{
    /// <summary>What has this ending is unfinished and may go.</summary>
    public const string Unfinished = ".partial";

    private const int BufferSize = 1024 * 1024;

    /// <summary>Copies a file and tells its hash; it is put in place only if <paramref name="accept"/> agrees to length and hash. The folder is for the caller to flush.</summary>
    /// <param name="wrote">Told after each piece how many bytes it had; may be null.</param>
    /// <exception cref="SourceUnreadableException">The source failed, and not the target.</exception>
    public static async Task<bool> CopyAsync(
        Microsoft.Win32.SafeHandles.SafeFileHandle source,
        string target,
        HashAlgorithmName algorithm,
        Func<long, byte[], bool> accept,
        Action<int>? wrote,
        CancellationToken cancellationToken)
    {
        var temporary = target + Unfinished;
        using var hash = IncrementalHash.CreateHash(algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
            {
                var total = 0L;
                for (int count; (count = await ReadAsync(source, buffer.AsMemory(0, BufferSize), total, cancellationToken)) > 0;)
                {
                    hash.AppendData(buffer, 0, count);
                    RandomAccess.Write(file, buffer.AsSpan(0, count), total);
                    total += count;
                    wrote?.Invoke(count);
                }

                if (!accept(total, hash.GetHashAndReset()))
                {
                    return false;
                }

                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, target, overwrite: true);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            File.Delete(temporary); // Nothing is left of one that was refused or stopped.
        }
    }

    private static async ValueTask<int> ReadAsync(Microsoft.Win32.SafeHandles.SafeFileHandle source, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        try
        {
            return await RandomAccess.ReadAsync(source, buffer, offset, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceUnreadableException(exception);
        }
    }

    /// <summary>Writes a small file and flushes its folder too.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode? mode = null)
    {
        var temporary = path + Unfinished;
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        DurableFolder.Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes a folder that stays after a power cut; one that only its owner may look into when it is new.</summary>
    public static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            MakeFolder(parent);
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            DurableFolder.Flush(parent);
        }
    }

    public static async Task<string> Sha256Async(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
