using System.Text;
using Ncr.Core.Blobs;
using Ncr.Core.Images.Files;
using Ncr.Tests.Support;

namespace Ncr.Tests.Images.Files;

/// <summary>Layers made to hurt: each ends with words, and with little memory.</summary>
public sealed class FileLimitsTests
{
    [Fact]
    public async Task Bomb_OfZeros_EndsAtTheLimitOfBytes()
    {
        // 64 MiB of nothing in a file that claims 8 GiB: 64 KiB as it is stored.
        var header = new LayerBuilder().File("before", "x").File("huge", "y").Tar();
        var tar = new byte[64 << 20];
        header.AsSpan(0, header.Length - 1024).CopyTo(tar);
        var bomb = LayerBuilder.Gzip(WithSize(tar, "huge", 8L << 30));

        var tree = await ListAsync(bomb, new FileLimits { MaxBytes = 16 << 20 });

        Assert.Equal(["before", "huge"], Names(tree));
        Assert.Contains("unpacks to more than 16 MiB", Assert.Single(tree.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_ThatClaimsTwoGigabytes_IsRefusedWithoutTakingThem()
    {
        var tar = new LayerBuilder(System.Formats.Tar.TarEntryFormat.Gnu).File(new string('n', 300), "x").Tar();
        var hostile = LayerBuilder.Gzip(WithSize(tar, "././@LongLink", 2_000_000_000));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var tree = await ListAsync(hostile, new FileLimits());

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
        Assert.Contains("path longer than 4096", Assert.Single(tree.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_BeyondTheLimit_EndTheList()
    {
        var builder = new LayerBuilder();
        for (var i = 0; i < 30; i++)
        {
            builder.File($"f{i:00}");
        }

        var tree = await ListAsync(builder.Gzip(), new FileLimits { MaxEntries = 20 });

        Assert.Equal(20, tree.FileCount);
        Assert.Contains("more than 20 entries", Assert.Single(tree.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_ImpliedByDeepPaths_CountAsWell()
    {
        var builder = new LayerBuilder();
        for (var i = 0; i < 10; i++)
        {
            builder.File($"{i}/" + string.Join('/', Enumerable.Repeat("d", 50)) + "/x");
        }

        var tree = await ListAsync(builder.Gzip(), new FileLimits { MaxEntries = 100 });

        Assert.True(tree.Nodes.Length <= 101);
        Assert.Contains("more than 100 files and folders", Assert.Single(tree.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_TooLongOrTooDeep_EndsTheList()
    {
        var longPath = await ListAsync(new LayerBuilder().File("a").File(new string('p', 5000)).Gzip(), new FileLimits());
        var deep = await ListAsync(new LayerBuilder().File("a").File(string.Concat(Enumerable.Repeat("d/", 300)) + "x").Gzip(), new FileLimits());

        Assert.Equal(["a"], Names(longPath));
        Assert.Contains("path longer", Assert.Single(longPath.Faults).Message, StringComparison.Ordinal);
        Assert.Equal(["a"], Names(deep));
        Assert.Contains("256 deep", Assert.Single(deep.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_TakingMuchMemory_EndTheList()
    {
        var builder = new LayerBuilder();
        for (var i = 0; i < 100; i++)
        {
            builder.File($"{i}{new string('n', 2000)}");
        }

        var tree = await ListAsync(builder.Gzip(), new FileLimits { MaxListSize = 50_000 });

        Assert.InRange(tree.MemorySize, 1, 60_000);
        Assert.Contains("too much memory", Assert.Single(tree.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_UsedUp_EndsTheList()
    {
        var (tree, isFinal) = await new LayerReader(new FileLimits { MaxTime = TimeSpan.FromMilliseconds(50) }, TimeProvider.System)
            .ListAsync(new Content(new LayerBuilder().File("a").Tar(), delay: TimeSpan.FromSeconds(30)), null, CancellationToken.None);

        Assert.False(isFinal);
        Assert.Contains("took longer", Assert.Single(tree.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_InTheMiddle_KeepsWhatCameBefore()
    {
        var tar = new LayerBuilder().File("a", "1").File("b", "2").Tar();
        var second = IndexOf(tar, "b\0"u8);
        tar[second + 5] ^= 0xff; // The header's sum is wrong now.

        var tree = await ListAsync(tar, new FileLimits());

        Assert.Equal(["a"], Names(tree));
        Assert.Contains("damaged as a tar archive", Assert.Single(tree.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compression_Damaged_KeepsWhatCameBefore()
    {
        // A second gzip member, whose first block is of a kind that there is none of.
        var start = LayerBuilder.Gzip(new LayerBuilder().File("a", "1").File("b", "2").Tar()[..2560]);
        var tree = await ListAsync([.. start, .. start[..10], 0x07, .. new byte[64]], new FileLimits());

        Assert.Equal("a", Names(tree)[0]);
        Assert.Contains("compression is damaged", Assert.Single(tree.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_InGnusForm_AreRead()
    {
        var tar = new LayerBuilder().File("a", new byte[600]).File("b", "2").Tar();
        var header = tar.AsSpan(IndexOf(tar, "a\0"u8), 512);
        header[124..136].Clear();
        (header[124], header[134], header[135]) = (0x80, 600 >> 8, 600 & 0xff);
        TarHeaders.SetSum(header);

        var tree = await ListAsync(tar, new FileLimits());

        Assert.Equal(["a", "b"], Names(tree));
        Assert.Equal(600, tree.Nodes[tree.Find("a")!.Value].Size);
    }

    [Fact]
    public async Task HardLink_ThatStatesASize_IsFollowedByNothing()
    {
        var tar = new LayerBuilder().File("a", "1").HardLink("link", "a").File("c", "3").Tar();

        var tree = await ListAsync(WithSize(tar, "link", 1), new FileLimits());

        Assert.Equal(["a", "c", "link"], Names(tree));
        Assert.Empty(tree.Faults);
    }

    private static async Task<FileTree> ListAsync(byte[] layer, FileLimits limits) =>
        (await new LayerReader(limits, TimeProvider.System).ListAsync(new Content(layer), null, CancellationToken.None)).Tree;

    private static string[] Names(FileTree tree) => [.. tree.Children(0).ToArray().Select(tree.Name)];

    /// <summary>Writes another size into the header of an entry, and makes its sum right.</summary>
    private static byte[] WithSize(byte[] tar, string name, long size)
    {
        var header = tar.AsSpan(IndexOf(tar, Encoding.UTF8.GetBytes(name + "\0")), 512);
        TarHeaders.SetSize(header, size);
        return tar;
    }

    /// <summary>The block that begins with the bytes.</summary>
    private static int IndexOf(byte[] tar, ReadOnlySpan<byte> start)
    {
        for (var i = 0; i < tar.Length; i += 512)
        {
            if (tar.AsSpan(i).StartsWith(start))
            {
                return i;
            }
        }

        throw new InvalidOperationException("There is no such entry.");
    }

    private sealed class Content(byte[] bytes, TimeSpan delay = default) : IBlobContent
    {
        public long Length => bytes.Length;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
        {
            await Task.Delay(delay, cancellationToken);
            var count = (int)Math.Min(buffer.Length, bytes.Length - offset);
            bytes.AsMemory((int)offset, count).CopyTo(buffer);
            return count;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
