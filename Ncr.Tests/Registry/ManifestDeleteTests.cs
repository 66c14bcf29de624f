using System.Net;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class ManifestDeleteTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Delete_ByTag_TakesJustTheTag()
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(), "v1");
        await image.PushManifestAsync(pushed.Body, pushed.MediaType, "v2");

        using var response = await image.DeleteAsync("manifests/v1");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(image, "v1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(image, "v2"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(image, pushed.Digest));
        Assert.Equal(["v2"], await image.TagsAsync());
    }

    [Fact]
    public async Task Delete_OfTheLastTag_KeepsTheArtifact()
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(), "v1");

        using var response = await image.DeleteAsync("manifests/v1");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(image, pushed.Digest));
        Assert.Empty(await image.TagsAsync());
    }

    [Fact]
    public async Task Delete_ByDigest_TakesTheArtifactWithItsTags()
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(), "v1");
        await image.PushManifestAsync(pushed.Body, pushed.MediaType, "v2");
        var other = await image.PushAsync(new ImageBuilder(), "other");

        using var response = await image.DeleteAsync("manifests/" + pushed.Digest);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(image, "v1"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(image, "v2"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(image, pushed.Digest));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(image, other.Digest));
        Assert.Equal(["other"], await image.TagsAsync());
    }

    [Fact]
    public async Task Delete_ByDigest_LeavesTheSameArtifactInOtherImages()
    {
        var (image, neighbour) = (fixture.NewImage(), fixture.NewImage());
        var built = new ImageBuilder();
        var pushed = await image.PushAsync(built, "v1");
        await neighbour.PushAsync(built, "v1");

        using var response = await image.DeleteAsync("manifests/" + pushed.Digest);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(neighbour, "v1"));
    }

    [Fact]
    public async Task Delete_ThenPushAgain_BringsItBack()
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder();
        var pushed = await image.PushAsync(built, "v1");
        using var delete = await image.DeleteAsync("manifests/" + pushed.Digest);
        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);

        await image.PushAsync(built, "v1");

        using var get = await image.GetAsync("manifests/v1");
        Assert.Equal(pushed.Body, await get.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public async Task Delete_OfAnUnknownReference_Answers404(string reference)
    {
        var image = fixture.NewImage();
        await image.PushAsync(new ImageBuilder(), "v1");

        using var response = await image.DeleteAsync("manifests/" + reference);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task Delete_InAnUnknownImage_Answers404()
    {
        using var response = await fixture.NewImage().DeleteAsync("manifests/latest");

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN");
    }

    [Fact]
    public async Task Delete_OfAnIndexesChildByDigest_IsRefusedNamingTheIndex()
    {
        var image = fixture.NewImage();
        var child = await image.PushAsync(new ImageBuilder());
        var index = await image.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index, "multi");

        using var refused = await image.DeleteAsync("manifests/" + child.Digest);

        await refused.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "DENIED", index.Digest[..19]);
        var allow = refused.RequireHeader("Allow");
        Assert.Contains("GET", allow, StringComparison.Ordinal);
        Assert.DoesNotContain("DELETE", allow, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(image, child.Digest));
    }

    [Fact]
    public async Task Delete_OfAnIndexesChildByTag_TakesItsTag()
    {
        var image = fixture.NewImage();
        var child = await image.PushAsync(new ImageBuilder(), "amd64");
        await image.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index, "multi");

        using var response = await image.DeleteAsync("manifests/amd64");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(image, child.Digest));
    }

    [Fact]
    public async Task Delete_OfTheIndexThenTheChild_IsAccepted()
    {
        var image = fixture.NewImage();
        var child = await image.PushAsync(new ImageBuilder());
        var index = await image.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index, "multi");

        using var first = await image.DeleteAsync("manifests/" + index.Digest);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(image, child.Digest));
        using var second = await image.DeleteAsync("manifests/" + child.Digest);

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(image, child.Digest));
    }

    private static async Task<HttpStatusCode> StatusAsync(RegistryClient image, string reference)
    {
        using var response = await image.HeadAsync("manifests/" + reference);
        return response.StatusCode;
    }
}
