using System.Net;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Deletions;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Tests.Support;

namespace Ncr.Tests.Deletions;

/// <summary>What was deleted comes back whole, and what was not restored in time goes for good.</summary>
public sealed class RestoreTests(DeletionSetup setup) : IClassFixture<DeletionSetup>
{
    [Fact]
    public async Task Artifact_AfterCollection_ComesBackWithTagsPartsAndContent()
    {
        var image = await setup.NewImageAsync();
        var built = new ImageBuilder(2);
        var child = await image.PushAsync(built);
        var index = await image.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index, "multi");
        var signature = await image.PushAsync(new ImageBuilder(1) { ArtifactType = "application/vnd.cncf.notary.signature", Subject = index.Descriptor() });
        await image.PushAsync(new ImageBuilder(1), "other");
        await TagAsync(image, index, "stable");

        await setup.Artifacts.DeleteAsync(setup.Admin, ImageName.Parse(image.Name), Digest.Parse(index.Digest), withParts: true, CancellationToken.None);
        var row = await setup.FindAsync(image.Name);
        Assert.Equal((DeletionKind.Artifact, 3, 2, "multi, stable", index.Digest), (row.Kind, row.ArtifactCount, row.TagCount, row.Tags, row.Digest));
        await ExpectAsync(HttpStatusCode.NotFound, image, "multi", index.Digest, child.Digest, signature.Digest);
        await setup.AssertFiguresAsync();
        setup.Clock.Advance(TimeSpan.FromHours(3));
        await setup.CollectAsync();

        var result = await setup.RestoreAsync(row.Id);

        Assert.Equal((3, 2, 0), (result.Artifacts, result.Tags, result.KeptTags.Count));
        await ExpectAsync(HttpStatusCode.OK, image, "multi", "stable", "other", index.Digest, child.Digest, signature.Digest);
        Assert.Equal(["multi", "other", "stable"], await image.TagsAsync());
        using var blob = await image.GetAsync($"blobs/{built.LayerDigests[0]}");
        Assert.Equal(HttpStatusCode.OK, blob.StatusCode);
        await setup.AssertFiguresAsync();
        Assert.Equal(NcrError.NotFound, (await Assert.ThrowsAsync<NcrException>(() => setup.RestoreAsync(row.Id))).Error);
    }

    [Fact]
    public async Task Artifact_PushedAgainMeanwhile_KeepsWhatIsThere()
    {
        var image = await setup.NewImageAsync();
        var built = new ImageBuilder(1);
        var pushed = await image.PushAsync(built, "v1");
        await TagAsync(image, pushed, "v2");
        using (var deleted = await image.DeleteAsync($"manifests/{pushed.Digest}"))
        {
            Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        }

        await image.PushAsync(built, "v3");
        var newer = await image.PushAsync(new ImageBuilder(1), "v1");

        var result = await setup.RestoreAsync((await setup.FindAsync(image.Name)).Id);

        Assert.Equal((0, 1), (result.Artifacts, result.Tags));
        Assert.Equal(["v1"], result.KeptTags);
        Assert.Equal(["v1", "v2", "v3"], await image.TagsAsync());
        using var v1 = await image.HeadAsync("manifests/v1");
        using var v2 = await image.HeadAsync("manifests/v2");
        Assert.Equal((newer.Digest, pushed.Digest), (v1.RequireHeader("Docker-Content-Digest"), v2.RequireHeader("Docker-Content-Digest")));
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Artifact_NobodyRestores_IsGoneForGoodWithItsContent()
    {
        var image = await setup.NewImageAsync();
        var shared = Oci.RandomBytes(5000);
        var (going, staying) = (new ImageBuilder(layerContents: [shared, Oci.RandomBytes(300)]), new ImageBuilder(layerContents: [shared]));
        var pushed = await image.PushAsync(going, "v1");
        await image.PushAsync(staying, "v2");
        await setup.Artifacts.DeleteAsync(setup.Admin, ImageName.Parse(image.Name), Digest.Parse(pushed.Digest), withParts: true, CancellationToken.None);
        var row = await setup.FindAsync(image.Name);

        setup.Clock.Advance(TimeSpan.FromHours(23));
        await setup.PurgeExpiredAsync();
        Assert.Equal(row.Id, (await setup.FindAsync(image.Name)).Id);
        setup.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(NcrError.NotFound, (await Assert.ThrowsAsync<NcrException>(() => setup.RestoreAsync(row.Id))).Error);
        await setup.PurgeExpiredAsync();
        setup.Clock.Advance(TimeSpan.FromHours(3));
        await setup.CollectAsync();

        Assert.Equal(300 + going.Build().Length + going.Blobs[0].Length, row.Size); // The shared layer stays.
        Assert.False(await BlobExistsAsync(going.LayerDigests[1]));
        Assert.True(await BlobExistsAsync(going.LayerDigests[0]));
        Assert.False(await setup.QueryAsync(db => db.Manifests.AnyAsync(m => m.Digest == pushed.Digest)));
        Assert.False(await setup.QueryAsync(db => db.Images.AnyAsync(i => i.DeletionId == row.Id)));
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Image_ComesBackWhole_AndMergesIntoOnePushedSince()
    {
        var image = await setup.NewImageAsync();
        var first = await image.PushAsync(new ImageBuilder(2), "v1");
        await setup.Images.DeleteAsync(setup.Admin, ImageName.Parse(image.Name), CancellationToken.None);
        await ExpectAsync(HttpStatusCode.NotFound, image, "v1", first.Digest);
        await setup.AssertFiguresAsync();
        setup.Clock.Advance(TimeSpan.FromHours(3));
        await setup.CollectAsync();
        await setup.RestoreAsync((await setup.FindAsync(image.Name)).Id);
        await ExpectAsync(HttpStatusCode.OK, image, "v1", first.Digest);
        await setup.AssertFiguresAsync();

        await setup.Images.DeleteAsync(setup.Admin, ImageName.Parse(image.Name), CancellationToken.None);
        var second = await image.PushAsync(new ImageBuilder(1), "v2");
        var result = await setup.RestoreAsync((await setup.FindAsync(image.Name)).Id);

        Assert.Equal((1, 1), (result.Artifacts, result.Tags));
        await ExpectAsync(HttpStatusCode.OK, image, "v1", "v2", first.Digest, second.Digest);
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Registry_ComesBackWithItsImages_UnlessItsNameIsTaken()
    {
        var image = await setup.NewImageAsync("deep/app");
        var (registry, pushed) = (image.Name.Split('/')[0], await image.PushAsync(new ImageBuilder(1), "v1"));
        var early = new RegistryClient(setup.Http, $"{registry}/early");
        await early.PushAsync(new ImageBuilder(1), "v1");
        await setup.Images.DeleteAsync(setup.Admin, ImageName.Parse(early.Name), CancellationToken.None);
        var earlier = await setup.FindAsync(early.Name);

        await setup.Registries.DeleteAsync(setup.Admin, registry, CancellationToken.None);
        var row = Assert.Single((await setup.Deletions.ListAsync(setup.Admin, new PageRequest(Search: registry), CancellationToken.None)).Items, r => r.Kind == DeletionKind.Registry);
        await ExpectAsync(HttpStatusCode.NotFound, image, "v1", pushed.Digest);
        Assert.DoesNotContain((await setup.Images.ListNamesAsync(setup.Admin, null, 1000, CancellationToken.None)).Items, n => n.Contains('~', StringComparison.Ordinal) || n.StartsWith(registry, StringComparison.Ordinal));
        Assert.Equal(NcrError.Conflict, (await Assert.ThrowsAsync<NcrException>(() => setup.RestoreAsync(earlier.Id))).Error);
        await setup.Registries.CreateAsync(setup.Admin, registry, null, CancellationToken.None);
        Assert.Equal(NcrError.Conflict, (await Assert.ThrowsAsync<NcrException>(() => setup.RestoreAsync(row.Id))).Error);
        await setup.Registries.DeleteAsync(setup.Admin, registry, CancellationToken.None);

        await setup.RestoreAsync(row.Id);
        await setup.RestoreAsync(earlier.Id);

        await ExpectAsync(HttpStatusCode.OK, image, "v1", pushed.Digest);
        await ExpectAsync(HttpStatusCode.OK, early, "v1");
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Registry_DeletedForGood_TakesWhatWasDeletedInItBefore()
    {
        var image = await setup.NewImageAsync();
        var registry = image.Name.Split('/')[0];
        var built = new ImageBuilder(1);
        await image.PushAsync(built, "v1");
        await setup.Images.DeleteAsync(setup.Admin, ImageName.Parse(image.Name), CancellationToken.None);
        await setup.Registries.DeleteAsync(setup.Admin, registry, CancellationToken.None);
        var row = (await setup.Deletions.ListAsync(setup.Admin, new PageRequest(Search: registry), CancellationToken.None)).Items.Single(r => r.Kind == DeletionKind.Registry);

        await setup.Deletions.PurgeAsync(setup.Admin, row.Id, CancellationToken.None);
        setup.Clock.Advance(TimeSpan.FromHours(3));
        await setup.CollectAsync();

        Assert.Empty((await setup.Deletions.ListAsync(setup.Admin, new PageRequest(Search: registry), CancellationToken.None)).Items);
        Assert.False(await BlobExistsAsync(built.LayerDigests[0]));
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Tag_ComesBack_UnlessItOrItsArtifactChanged()
    {
        var image = await setup.NewImageAsync();
        var name = ImageName.Parse(image.Name);
        var pushed = await image.PushAsync(new ImageBuilder(1), "v1");
        await TagAsync(image, pushed, "keep");

        await setup.Tags.DeleteAsync(setup.Admin, name, "v1", CancellationToken.None);
        await setup.RestoreAsync((await setup.FindAsync(image.Name)).Id);
        Assert.Equal(["keep", "v1"], await image.TagsAsync());

        await setup.Tags.DeleteAsync(setup.Admin, name, "v1", CancellationToken.None);
        var row = await setup.FindAsync(image.Name);
        var other = await image.PushAsync(new ImageBuilder(1), "v1");
        Assert.Contains("again", (await Assert.ThrowsAsync<NcrException>(() => setup.RestoreAsync(row.Id))).Message, StringComparison.Ordinal);
        await setup.Artifacts.DeleteAsync(setup.Admin, name, Digest.Parse(other.Digest), withParts: true, CancellationToken.None);
        await setup.Artifacts.DeleteAsync(setup.Admin, name, Digest.Parse(pushed.Digest), withParts: true, CancellationToken.None);
        Assert.Contains("not in", (await Assert.ThrowsAsync<NcrException>(() => setup.RestoreAsync(row.Id))).Message, StringComparison.Ordinal);
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Strangers_NeitherSeeNorRestore()
    {
        var image = await setup.NewImageAsync();
        await image.PushAsync(new ImageBuilder(1), "v1");
        await setup.Tags.DeleteAsync(setup.Admin, ImageName.Parse(image.Name), "v1", CancellationToken.None);
        var (row, stranger) = (await setup.FindAsync(image.Name), new Actor(4711, "stranger"));

        foreach (var command in new Func<Task>[]
        {
            () => setup.Deletions.ListAsync(stranger, new PageRequest(), CancellationToken.None),
            () => setup.Deletions.RestoreAsync(stranger, row.Id, CancellationToken.None),
            () => setup.Deletions.PurgeAsync(stranger, row.Id, CancellationToken.None),
        })
        {
            Assert.Equal(NcrError.Denied, (await Assert.ThrowsAsync<NcrException>(command)).Error);
        }
    }

    private Task<bool> BlobExistsAsync(string digest) => setup.QueryAsync(db => db.Blobs.AnyAsync(b => b.Digest == digest));

    private async Task TagAsync(RegistryClient image, Support.PushedManifest pushed, string tag) =>
        await setup.Tags.CreateAsync(setup.Admin, ImageName.Parse(image.Name), Digest.Parse(pushed.Digest), tag, CancellationToken.None);

    private static async Task ExpectAsync(HttpStatusCode status, RegistryClient image, params string[] references)
    {
        foreach (var reference in references)
        {
            using var response = await image.GetAsync($"manifests/{reference}");
            Assert.Equal((reference, status), (reference, response.StatusCode));
        }
    }
}
