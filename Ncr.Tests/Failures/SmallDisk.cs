using Ncr.Tests.Support;

namespace Ncr.Tests.Failures;

/// <summary>A real file system of a few MiB, which can be filled, made read-only and broken without touching the machine's own.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _work;
    private readonly List<string> _readOnly = [];

    private SmallDisk(string work) => _work = work;

    /// <summary>The folder it is mounted at.</summary>
    public string Root => Path.Combine(_work, "disk");

    /// <summary>The data folder of a server on it.</summary>
    public string Data => Path.Combine(Root, "data");

    public static async Task<SmallDisk> CreateAsync(int mebibytes = 24)
    {
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("ncr-disk-").FullName);
        var image = Path.Combine(disk._work, "image");
        await using (var file = File.Create(image))
        {
            file.SetLength(mebibytes * 1024L * 1024);
        }

        await new Cli(Tool.Require("mkfs.ext4")).RunAsync("-q", "-m", "0", "-e", "remount-ro", image);
        Directory.CreateDirectory(disk.Root);
        await new Cli(Tool.Require("mount")).RunAsync("-o", "loop", image, disk.Root);
        return disk;
    }

    /// <summary>Writes until nothing fits any more.</summary>
    /// <param name="leave">Bytes to leave free, about.</param>
    public void Fill(int leave = 0)
    {
        using var filler = new FileStream(Path.Combine(Root, "filler"), FileMode.Append, FileAccess.Write, FileShare.None, 1);
        foreach (var block in new[] { 1 << 20, 1 << 16, 1 << 12 })
        {
            var bytes = new byte[block];
            while (new DriveInfo(Root).AvailableFreeSpace >= block + leave)
            {
                try
                {
                    filler.Write(bytes);
                    filler.Flush(flushToDisk: true);
                }
                catch (IOException)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Takes away what <see cref="Fill"/> wrote.</summary>
    public void Free() => File.Delete(Path.Combine(Root, "filler"));

    /// <summary>Makes one folder read-only for everybody, root too, until <see cref="MakeWritableAsync"/>.</summary>
    public async Task MakeReadOnlyAsync(string folder)
    {
        await new Cli("mount").RunAsync("--bind", folder, folder);
        _readOnly.Add(folder);
        await new Cli("mount").RunAsync("-o", "remount,bind,ro", folder);
    }

    public async Task MakeWritableAsync(string folder)
    {
        await new Cli("umount").RunAsync(folder);
        _readOnly.Remove(folder);
    }

    /// <summary>What Linux does when it finds the file system broken: from now on it is read-only, open files too.</summary>
    public async Task BreakAsync()
    {
        var device = (await new Cli("findmnt").RunAsync("-no", "SOURCE", Root)).Out.Trim();
        Assert.StartsWith("/dev/loop", device, StringComparison.Ordinal);
        await File.WriteAllTextAsync($"/sys/fs/ext4/{Path.GetFileName(device)}/trigger_fs_error", "test");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var folder in _readOnly)
        {
            await new Cli("umount").TryAsync("--lazy", folder);
        }

        await new Cli("umount").TryAsync("--lazy", Root);
        await new Cli("rm").TryAsync("-rf", "--one-file-system", _work);
    }
}
