using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Blobs;
using Ncr.Core.Deletions;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Images;

/// <summary>The figures that pages show are kept up by the writes: here they are compared with what was pushed.</summary>
public sealed class UsageTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly NcrServer _server = fixture.Server;

    [Fact]
    public async Task Sizes_CountASharedLayerOnceInAnImageAndOnceInItsRegistry()
    {
        var registry = await NewRegistryAsync();
        var shared = Oci.RandomBytes(10_000);
        var (one, two) = (ImageWith(shared, 1_000), ImageWith(shared, 2_000));
        var (first, second) = (new RegistryClient(fixture.Http, $"{registry}/first"), new RegistryClient(fixture.Http, $"{registry}/second"));

        var pushed = await first.PushAsync(one, "v1");
        await first.PushAsync(two, "v2");
        await second.PushAsync(two, "v2");

        var manifests = one.Build().Length + two.Build().Length;
        var configs = one.Blobs[0].Length + two.Blobs[0].Length;
        Assert.Equal(10_000 + 1_000 + 2_000 + manifests + configs, (await FindAsync(first)).Size);
        Assert.Equal(10_000 + 2_000 + two.Build().Length + two.Blobs[0].Length, (await FindAsync(second)).Size);
        Assert.Equal(10_000 + 1_000 + 2_000 + manifests + configs + two.Build().Length, (await FindRegistryAsync(registry)).Size);

        // The first artifact goes: only what nobody else needs is freed.
        await _server.Services.GetRequiredService<ArtifactService>().DeleteAsync(_server.Administrator, ImageName.Parse(first.Name), Digest.Parse(pushed.Digest), withParts: true, CancellationToken.None);
        Assert.Equal(10_000 + 2_000 + two.Build().Length + two.Blobs[0].Length, (await FindAsync(first)).Size);
        Assert.Equal((1, 1), ((await FindAsync(first)).ArtifactCount, (await FindAsync(first)).TagCount));

        await Images.DeleteAsync(_server.Administrator, ImageName.Parse(first.Name), CancellationToken.None);
        Assert.Equal((10_000 + 2_000 + two.Build().Length + two.Blobs[0].Length, 1), ((await FindRegistryAsync(registry)).Size, (await FindRegistryAsync(registry)).ImageCount));
        await Images.DeleteAsync(_server.Administrator, ImageName.Parse(second.Name), CancellationToken.None);
        Assert.Equal((0, 0), ((await FindRegistryAsync(registry)).Size, (await FindRegistryAsync(registry)).ImageCount));
    }

    [Fact]
    public async Task PushAgain_OfTheSameTag_LeavesItsTimes()
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder();
        await image.PushAsync(built, "v1");
        var before = await FindAsync(image);

        await image.PushAsync(built, "v1");

        Assert.Equal(before, await FindAsync(image));
    }

    [Fact]
    public async Task Pull_IsCountedAndAHeadIsNot()
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(), "v1");
        for (var i = 0; i < 3; i++)
        {
            (await image.GetAsync("manifests/v1")).Dispose();
            (await image.HeadAsync("manifests/v1")).Dispose();
        }

        await _server.Services.GetRequiredService<PullRecorder>().FlushAsync();

        var row = Assert.Single((await Artifacts.ListAsync(_server.Administrator, ImageName.Parse(image.Name), new PageRequest(Filter: "parts"), CancellationToken.None)).Items);
        Assert.Equal((pushed.Digest, 3L), (row.Digest, row.PullCount));
        Assert.NotNull(row.PulledAt);
        Assert.Equal(3, (await FindAsync(image)).PullCount);
    }

    [Fact]
    public async Task Delete_OfAnIndexWithItsParts_TakesLooseChildrenAndSignaturesAndNothingElse()
    {
        var image = fixture.NewImage();
        var loose = await image.PushAsync(new ImageBuilder());
        var tagged = await image.PushAsync(new ImageBuilder(), "keep");
        var index = await image.PushManifestAsync(Oci.IndexOf([loose.Descriptor(), tagged.Descriptor()]), Oci.Index, "multi");
        var signature = await image.PushAsync(new ImageBuilder(1) { ArtifactType = "application/vnd.cncf.notary.signature", Subject = index.Descriptor() });

        var announced = await PreviewAsync(image.Name, index.Digest);
        var parts = await Artifacts.ListPartsAsync(_server.Administrator, ImageName.Parse(image.Name), Digest.Parse(index.Digest), CancellationToken.None);
        var deleted = await Artifacts.DeleteAsync(_server.Administrator, ImageName.Parse(image.Name), Digest.Parse(index.Digest), withParts: true, CancellationToken.None);

        Assert.Equal(3, deleted);
        Assert.Equal([index.Digest, loose.Digest, signature.Digest], announced.Select(a => a.Digest));
        Assert.Equal(new[] { loose.Digest, tagged.Digest }.Order(), parts.Children.Keys.Order());
        Assert.Equal([signature.Digest], parts.Attachments.Select(a => a.Digest));
        var left = await Artifacts.ListAsync(_server.Administrator, ImageName.Parse(image.Name), new PageRequest(Filter: "parts"), CancellationToken.None);
        Assert.Equal([tagged.Digest], left.Items.Select(i => i.Digest));
    }

    [Fact]
    public async Task Delete_WithParts_LeavesWhatAnotherIndexOrSubjectNeeds()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "subject");
        var kept = await image.PushAsync(new ImageBuilder(), "kept");
        var listed = await image.PushAsync(new ImageBuilder(1) { ArtifactType = "application/vnd.acme.note", Subject = subject.Descriptor() });
        var about = await image.PushAsync(new ImageBuilder(1) { ArtifactType = "application/vnd.acme.note", Subject = kept.Descriptor() });
        var index = await image.PushManifestAsync(Oci.IndexOf([listed.Descriptor()]), Oci.Index, "index");
        var other = await image.PushManifestAsync(Oci.IndexOf([about.Descriptor()]), Oci.Index, "other");

        await DeleteAsync(subject);
        await DeleteAsync(other);

        var left = await Artifacts.ListAsync(_server.Administrator, ImageName.Parse(image.Name), new PageRequest(Filter: "parts"), CancellationToken.None);
        Assert.Equal(new[] { listed.Digest, about.Digest, index.Digest, kept.Digest }.Order(), left.Items.Select(i => i.Digest).Order());

        Task<int> DeleteAsync(Support.PushedManifest manifest) =>
            Artifacts.DeleteAsync(_server.Administrator, ImageName.Parse(image.Name), Digest.Parse(manifest.Digest), withParts: true, CancellationToken.None);
    }

    [Fact]
    public async Task List_ShowsTheFirstTagsOfEachArtifact()
    {
        var image = fixture.NewImage();
        var (many, none) = (new ImageBuilder(), new ImageBuilder());
        for (var i = 0; i < 8; i++)
        {
            await image.PushAsync(many, $"v{i}");
        }

        await image.PushAsync(none);

        var rows = (await Artifacts.ListAsync(_server.Administrator, ImageName.Parse(image.Name), new PageRequest(Filter: "parts"), CancellationToken.None)).Items;
        Assert.Equal([(0, ""), (8, "v0 v1 v2 v3 v4")], rows.Select(r => (r.TagCount, string.Join(' ', r.Tags))));
    }

    private async Task<IReadOnlyList<ArtifactRow>> PreviewAsync(string image, string digest) =>
        (await _server.Services.GetRequiredService<DeletionPreviewService>().OfArtifactsAsync(_server.Administrator, ImageName.Parse(image), [Digest.Parse(digest)], CancellationToken.None)).Artifacts;

    private ImageService Images => _server.Services.GetRequiredService<ImageService>();

    private ArtifactService Artifacts => _server.Services.GetRequiredService<ArtifactService>();

    private static ImageBuilder ImageWith(byte[] shared, int size) =>
        new(config: System.Text.Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","size":{{size}}}"""), layerContents: [shared, Oci.RandomBytes(size)]);

    private async Task<string> NewRegistryAsync() =>
        (await _server.Services.GetRequiredService<RegistryService>().CreateAsync(_server.Administrator, $"r{Guid.NewGuid():n}", null, CancellationToken.None)).Name;

    private async Task<ImageRow> FindAsync(RegistryClient image) => (await Images.FindAsync(_server.Administrator, ImageName.Parse(image.Name), CancellationToken.None))!;

    private async Task<RegistryRow> FindRegistryAsync(string name) => (await _server.Services.GetRequiredService<RegistryService>().FindAsync(_server.Administrator, name, CancellationToken.None))!;
}
