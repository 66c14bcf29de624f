using System.Formats.Tar;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Core.Images.Files;
using Ncr.Tests.Support;

namespace Ncr.Tests.Images.Files;

public sealed class FileServiceTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private FileService Files => fixture.Server.Services.GetRequiredService<FileService>();

    private Actor Who => fixture.Server.Administrator;

    [Theory]
    [InlineData("tar", TarEntryFormat.Pax)]
    [InlineData("gzip", TarEntryFormat.Pax)]
    [InlineData("zstd", TarEntryFormat.Pax)]
    [InlineData("gzip", TarEntryFormat.Gnu)]
    [InlineData("gzip", TarEntryFormat.Ustar)]
    [InlineData("gzip", TarEntryFormat.V7)]
    public async Task List_ALayerOfAnyForm_HasFoldersFirstWithAllThatIsKnown(string compression, TarEntryFormat format)
    {
        var builder = new LayerBuilder(format).File("b.txt", "hello").Folder("etc/").File("etc/os-release", "NAME=x").Symlink("link", "etc/os-release").File("./a/deep/file", "12345678");
        var layer = compression switch { "tar" => builder.Tar(), "zstd" => builder.Zstd(), _ => builder.Gzip() };
        var source = await PushAsync(layer);

        var root = await ListAsync(source);

        Assert.Equal(["a", "etc", "b.txt", "link"], root.Rows.Select(r => r.Name));
        Assert.Empty(root.Summary.Faults);
        Assert.Equal((4, 3, 19L), (root.Summary.FileCount, root.Summary.FolderCount, root.Summary.TotalSize));
        Assert.Equal(8, root.Rows[0].Size);
        Assert.Equal((FileKind.File, 5L, Convert.ToInt32("644", 8), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)), (root.Rows[2].Kind, root.Rows[2].Size, root.Rows[2].Mode, root.Rows[2].Modified!.Value));
        Assert.Equal((FileKind.Symlink, "etc/os-release"), (root.Rows[3].Kind, root.Rows[3].Target));
        Assert.Equal("a/deep/file", (await Files.FindAsync(Who, source, "/a/deep/file", CancellationToken.None))!.Path);
        Assert.Equal("NAME=x", await ReadAsync(source, "etc/os-release"));
    }

    [Fact]
    public async Task List_TheWholeImage_AppliesWhiteoutsAndReplacements()
    {
        var lower = new LayerBuilder().Folder("opt/").File("opt/one", "1").File("opt/two", "2").File("gone", "x").File("kept", "k").Folder("tree/").File("tree/leaf", "l").File("turns", "file").Folder("cache/").File("cache/old", "o").Gzip();
        var upper = new LayerBuilder().File(".wh.gone").File("opt/.wh.one").File("opt/three", "333").File(".wh.tree").Folder("turns/").File("turns/folder", "now").File("cache/new", "n").File("cache/.wh..wh..opq").Zstd();
        var source = await PushAsync(lower, upper);

        var names = await AllPathsAsync(source);

        Assert.Equal(["cache", "cache/new", "opt", "opt/three", "opt/two", "turns", "turns/folder", "kept"], names);
        var three = await Files.FindAsync(Who, source, "opt/three", CancellationToken.None);
        Assert.Equal((1, 0), (three!.Layer, (await Files.FindAsync(Who, source, "opt/two", CancellationToken.None))!.Layer));
        Assert.Equal("333", (await Files.PreviewAsync(Who, source.Image, source.Artifact, three.Layer, three.Entry, CancellationToken.None)).Text);
    }

    [Fact]
    public async Task List_OneLayer_ShowsWhatItRemoves()
    {
        var source = await PushAsync(new LayerBuilder().File("a", "1").Gzip(), new LayerBuilder().File(".wh.a").File("b", "2").Gzip());

        var root = await ListAsync(source with { Layer = 1 });

        Assert.Equal([("a", FileKind.Removal), ("b", FileKind.File)], root.Rows.Select(r => (r.Name, r.Kind)));
        Assert.Equal(["b"], (await ListAsync(source)).Rows.Select(r => r.Name));
    }

    [Fact]
    public async Task List_AMarkAndAFileOfTheSameLayer_KeepsTheFile()
    {
        var source = await PushAsync(new LayerBuilder().File("a", "old").Gzip(), new LayerBuilder().File("a", "new").File(".wh.a").Gzip());

        Assert.Equal("new", await ReadAsync(source, "a"));
    }

    [Fact]
    public async Task Preview_AHardLink_ReadsTheFileItIs()
    {
        var source = await PushAsync(new LayerBuilder().File("bin/tool", "#!/bin/sh").HardLink("bin/other", "bin/tool").HardLink("loop", "loop").Gzip());

        Assert.Equal("#!/bin/sh", await ReadAsync(source, "bin/other"));
        var loop = await Files.FindAsync(Who, source, "loop", CancellationToken.None);
        await Assert.ThrowsAsync<NcrException>(() => Files.PreviewAsync(Who, source.Image, source.Artifact, loop!.Layer, loop.Entry, CancellationToken.None));
    }

    [Fact]
    public async Task Preview_BinaryCutAndEmpty_AreSaid()
    {
        var large = "é" + new string('x', 300_000);
        var odd = "x" + new string('é', 200_000); // The end comes in the middle of a character.
        var source = await PushAsync(new LayerBuilder().File("odd", odd).File("binary", [1, 0, 2]).File("latin1", [0xe9, 0x41]).File("empty").File("large", large).Gzip());

        Assert.Null(await ReadAsync(source, "binary"));
        Assert.Null(await ReadAsync(source, "latin1"));
        Assert.Equal("", await ReadAsync(source, "empty"));
        Assert.Equal(odd[..(128 * 1024)], await ReadAsync(source, "odd"));
        var row = await Files.FindAsync(Who, source, "large", CancellationToken.None);
        var preview = await Files.PreviewAsync(Who, source.Image, source.Artifact, row!.Layer, row.Entry, CancellationToken.None);
        Assert.True(preview.IsCut);
        Assert.Equal(300_002, preview.Size);
        Assert.Equal(large[..((256 * 1024) - 1)], preview.Text);
    }

    [Fact]
    public async Task List_ManyEntries_AreAllThere_AndComeInParts()
    {
        var builder = new LayerBuilder(TarEntryFormat.Ustar);
        for (var i = 0; i < 10_000; i++)
        {
            builder.File($"dir/f{i:00000}", "x");
        }

        var source = await PushAsync(builder.Gzip());
        var root = await ListAsync(source);

        Assert.Equal(10_000, root.Summary.FileCount);
        var part = await Files.ListAsync(Who, source, root.Rows[0].Node, 9_990, 500, null, CancellationToken.None);
        Assert.Equal((10_000, 10, "f09999"), (part.Total, part.Rows.Count, part.Rows[^1].Name));
        Assert.Equal("dir/f04321", Assert.Single((await Files.SearchAsync(Who, source, "F04321", CancellationToken.None)).Rows).Path);
    }

    [Fact]
    public async Task List_OddNames_NeitherFailNorLead()
    {
        var deep = string.Join('/', Enumerable.Repeat("d", 200)) + "/end";
        var source = await PushAsync(new LayerBuilder().File("../../etc/passwd", "p").File("/abs", "a").File("tab\tnew\nline", "t").File("ünï/日本", "u").File(new string('n', 1000), "n").File(deep, "d").File("a//b/./c", "c").Gzip());

        var paths = await AllPathsAsync(source);

        Assert.Contains("../../etc/passwd", paths);
        Assert.Contains("abs", paths);
        Assert.Contains("tab\tnew\nline", paths);
        Assert.Contains("ünï/日本", paths);
        Assert.Contains(new string('n', 1000), paths);
        Assert.Contains(deep, paths);
        Assert.Contains("a/b/c", paths);
    }

    [Fact]
    public async Task List_ATruncatedLayer_SaysSoAndListsWhatItHas()
    {
        var whole = new LayerBuilder().File("first", "1").File("second", Oci.RandomBytes(20_000)).File("third", "3").Tar();
        var cut = await PushAsync(LayerBuilder.Gzip(whole[..10_000]));
        var gzip = LayerBuilder.Gzip(whole);
        var broken = await PushAsync(gzip[..(gzip.Length / 2)]);

        foreach (var source in new[] { cut, broken })
        {
            var root = await ListAsync(source);
            Assert.Equal(["first", "second"], root.Rows.Select(r => r.Name));
            Assert.Contains("until there", Assert.Single(root.Summary.Faults).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task List_WhatIsNoArchive_SaysSo()
    {
        var source = await PushAsync(Encoding.UTF8.GetBytes(new string('a', 5000)));

        var root = await ListAsync(source);

        Assert.Empty(root.Rows);
        Assert.Contains("no tar archive", Assert.Single(root.Summary.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_WithoutPermission_IsRefused()
    {
        var source = await PushAsync(new LayerBuilder().File("a", "1").Gzip());
        await ListAsync(source); // Now it is in memory, and still for nobody.
        var nobody = Actor.Anonymous(null);

        foreach (var act in new Func<Task>[]
        {
            () => Files.ListAsync(nobody, source, 0, 0, 10, null, CancellationToken.None),
            () => Files.SearchAsync(nobody, source, "a", CancellationToken.None),
            () => Files.PreviewAsync(nobody, source.Image, source.Artifact, 0, 0, CancellationToken.None),
            () => Files.OpenFileAsync(nobody, source.Image, source.Artifact, 0, 0, CancellationToken.None),
        })
        {
            Assert.Equal(NcrError.Unauthenticated, (await Assert.ThrowsAsync<NcrException>(act)).Error);
        }
    }

    [Fact]
    public async Task OpenFile_LargerThanMayBeSent_IsRefusedBeforeItIsRead()
    {
        var source = await PushAsync(new LayerBuilder().File("large", new byte[Files.Limits.MaxDownload + 1]).Gzip());
        var row = Assert.Single((await ListAsync(source)).Rows);

        var refusal = await Assert.ThrowsAsync<NcrException>(() => Files.OpenFileAsync(Who, source.Image, source.Artifact, 0, row.Entry, CancellationToken.None));

        Assert.Equal(NcrError.TooLarge, refusal.Error);
    }

    [Fact]
    public async Task Documents_WithoutPermission_AreRefused()
    {
        var source = await PushAsync(new LayerBuilder().File("a", "1").Gzip());
        var documents = fixture.Server.Services.GetRequiredService<DocumentService>();
        var nobody = Actor.Anonymous(null);

        foreach (var act in new Func<Task>[]
        {
            () => documents.FindAsync(nobody, source.Image, Reference.To(source.Artifact), CancellationToken.None),
            () => documents.FindManifestAsync(nobody, source.Image, source.Artifact, CancellationToken.None),
            () => documents.OpenConfigAsync(nobody, source.Image, source.Artifact, CancellationToken.None),
            () => documents.OpenLayerAsync(nobody, source.Image, source.Artifact, 0, CancellationToken.None),
            () => documents.OpenTitledAsync(nobody, source.Image, source.Artifact, "a", CancellationToken.None),
        })
        {
            Assert.Equal(NcrError.Unauthenticated, (await Assert.ThrowsAsync<NcrException>(act)).Error);
        }
    }

    [Fact]
    public async Task List_OfAnArtifactElsewhere_FindsNothing()
    {
        var source = await PushAsync(new LayerBuilder().File("a", "1").Gzip());
        await ListAsync(source);
        var other = await PushAsync(new LayerBuilder().File("b", "2").Gzip());

        var refusal = await Assert.ThrowsAsync<NcrException>(() => ListAsync(source with { Image = other.Image }));

        Assert.Equal(NcrError.ManifestUnknown, refusal.Error);
    }

    [Fact]
    public async Task List_OfAForeignLayerThatOnlyAnotherImageHolds_ShowsNothingOfIt()
    {
        var layer = new LayerBuilder().File("secret", "1").Gzip();
        var holder = await PushAsync(layer);
        await ListAsync(holder); // Both the layer and the image made of it are in memory now.
        var image = fixture.NewImage();
        var built = new ImageBuilder(layerContents: [layer]) { LayerType = Oci.ForeignLayer };
        await image.PushBlobAsync(built.Blobs[0]);
        var pushed = await image.PushManifestAsync(built.Build(), Oci.Manifest, "v1");
        var source = new FileSource(ImageName.Parse(image.Name), Digest.Parse(pushed.Digest));

        foreach (var root in new[] { await ListAsync(source), await ListAsync(source with { Layer = 0 }) })
        {
            Assert.Empty(root.Rows);
            Assert.Contains("not stored here", Assert.Single(root.Summary.Faults).Message, StringComparison.Ordinal);
        }
    }

    private async Task<FileSource> PushAsync(params byte[][] layers)
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(layerContents: layers));
        return new FileSource(ImageName.Parse(image.Name), Digest.Parse(pushed.Digest));
    }

    private Task<FileFolder> ListAsync(FileSource source) => Files.ListAsync(Who, source, 0, 0, 500, null, CancellationToken.None);

    private async Task<string?> ReadAsync(FileSource source, string path)
    {
        var row = await Files.FindAsync(Who, source, path, CancellationToken.None);
        return (await Files.PreviewAsync(Who, source.Image, source.Artifact, row!.Layer, row.Entry, CancellationToken.None)).Text;
    }

    private async Task<List<string>> AllPathsAsync(FileSource source)
    {
        var found = new List<string>();
        async Task WalkAsync(int folder)
        {
            foreach (var row in (await Files.ListAsync(Who, source, folder, 0, 500, null, CancellationToken.None)).Rows)
            {
                found.Add(row.Path);
                if (row.Kind == FileKind.Folder)
                {
                    await WalkAsync(row.Node);
                }
            }
        }

        await WalkAsync(0);
        return found;
    }
}
