using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Tests.Deletions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Images;

/// <summary>Copies between images take what belongs together and no room.</summary>
public sealed class CopyTests(DeletionSetup setup) : IClassFixture<DeletionSetup>
{
    private CopyService Copies => setup.Server.Services.GetRequiredService<CopyService>();

    [Fact]
    public async Task Copy_AnIndexToAnotherRegistry_TakesChildrenAndAccessoriesAndNoBytes()
    {
        var (source, target) = (await setup.NewImageAsync(), await setup.NewImageAsync("copied/app"));
        var built = new ImageBuilder(2);
        var child = await source.PushAsync(built);
        var index = await source.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index, "v1");
        var signature = await source.PushAsync(new ImageBuilder(1) { ArtifactType = "application/vnd.cncf.notary.signature", Subject = index.Descriptor() });
        var cosign = await source.PushAsync(new ImageBuilder(1), $"sha256-{index.Digest[7..]}.sig");
        var blobs = await setup.QueryAsync(db => db.Blobs.CountAsync());

        var count = await CopyAsync(source, index.Digest, target, ["v1", "prod"]);

        Assert.Equal(4, count);
        Assert.Equal(blobs, await setup.QueryAsync(db => db.Blobs.CountAsync()));
        Assert.Equal(["prod", $"sha256-{index.Digest[7..]}.sig", "v1"], await target.TagsAsync());
        foreach (var reference in new[] { "prod", index.Digest, child.Digest, signature.Digest, cosign.Digest })
        {
            using var manifest = await target.GetAsync($"manifests/{reference}");
            Assert.Equal(HttpStatusCode.OK, manifest.StatusCode);
        }

        using var blob = await target.GetAsync($"blobs/{built.LayerDigests[1]}");
        Assert.Equal(HttpStatusCode.OK, blob.StatusCode);
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Copy_OverATagThatPointsElsewhere_IsRefusedUnlessItMayMove()
    {
        var (source, target) = (await setup.NewImageAsync(), await setup.NewImageAsync());
        var pushed = await source.PushAsync(new ImageBuilder(1), "v1");
        await target.PushAsync(new ImageBuilder(1), "v1");

        var refused = await Assert.ThrowsAsync<NcrException>(() => CopyAsync(source, pushed.Digest, target, ["v1"]));
        Assert.Equal(NcrError.Conflict, refused.Error);
        using (var manifest = await target.GetAsync($"manifests/{pushed.Digest}"))
        {
            Assert.Equal(HttpStatusCode.NotFound, manifest.StatusCode); // Nothing half done.
        }

        await CopyAsync(source, pushed.Digest, target, ["v1"], movesTags: true);
        using var moved = await target.HeadAsync("manifests/v1");
        Assert.Equal(pushed.Digest, moved.RequireHeader("Docker-Content-Digest"));
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Move_LeavesTheSource_AndItsContentOutlivesIt()
    {
        var (source, target) = (await setup.NewImageAsync(), await setup.NewImageAsync());
        var built = new ImageBuilder(1);
        var pushed = await source.PushAsync(built, "v1");

        await CopyAsync(source, pushed.Digest, target, ["v1"], isMove: true);
        setup.Clock.Advance(TimeSpan.FromHours(30));
        await setup.PurgeExpiredAsync();
        setup.Clock.Advance(TimeSpan.FromHours(3));
        await setup.CollectAsync();

        using var gone = await source.GetAsync("manifests/v1");
        using var there = await target.GetAsync("manifests/v1");
        using var blob = await target.GetAsync($"blobs/{built.LayerDigests[0]}");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.OK), (gone.StatusCode, there.StatusCode, blob.StatusCode));
        await setup.AssertFiguresAsync();
    }

    [Fact]
    public async Task Copy_IntoItselfOrWithABadTagOrOfNothing_SaysWhy()
    {
        var (source, target) = (await setup.NewImageAsync(), await setup.NewImageAsync());
        var pushed = await source.PushAsync(new ImageBuilder(1), "v1");

        Assert.Equal(NcrError.Invalid, (await Assert.ThrowsAsync<NcrException>(() => CopyAsync(source, pushed.Digest, source, []))).Error);
        Assert.Equal(NcrError.TagInvalid, (await Assert.ThrowsAsync<NcrException>(() => CopyAsync(source, pushed.Digest, target, ["no tag"]))).Error);
        Assert.Equal(NcrError.ManifestUnknown, (await Assert.ThrowsAsync<NcrException>(() => CopyAsync(source, Oci.Digest([1]), target, []))).Error);
        Assert.Equal(NcrError.RegistryUnknown, (await Assert.ThrowsAsync<NcrException>(() => CopyAsync(source, pushed.Digest, new RegistryClient(setup.Http, "nowhere/app"), []))).Error);
    }

    private Task<int> CopyAsync(RegistryClient source, string digest, RegistryClient target, IReadOnlyList<string> tags, bool movesTags = false, bool isMove = false) =>
        Copies.CopyAsync(setup.Admin, ImageName.Parse(source.Name), Digest.Parse(digest), ImageName.Parse(target.Name), tags, movesTags, isMove, CancellationToken.None);
}
