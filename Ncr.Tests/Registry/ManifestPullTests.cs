using System.Net;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class ManifestPullTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Get_ByTagOrDigest_GivesTheManifest(bool byTag)
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(), "v1");

        using var response = await image.GetAsync("manifests/" + (byTag ? "v1" : pushed.Digest));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Oci.Manifest, response.RequireHeader("Content-Type"));
        Assert.Equal(pushed.Body.Length, response.Content.Headers.ContentLength);
        Assert.Equal(pushed.Digest, response.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(pushed.Body, await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Head_ByTagOrDigest_GivesTheSameHeaders(bool byTag)
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(), "v1");

        using var response = await image.HeadAsync("manifests/" + (byTag ? "v1" : pushed.Digest));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Oci.Manifest, response.RequireHeader("Content-Type"));
        Assert.Equal(pushed.Body.Length, response.Content.Headers.ContentLength);
        Assert.Equal(pushed.Digest, response.RequireHeader("Docker-Content-Digest"));
    }

    [Fact]
    public async Task Get_OfImagesWhoseNamesRunTogether_KeepsThemApart()
    {
        var prefix = RegistryClient.UniqueName();
        var longer = new RegistryClient(fixture.Http, prefix + "model");
        var shorter = new RegistryClient(fixture.Http, prefix);
        await longer.PushAsync(new ImageBuilder(), "2");
        await shorter.PushAsync(new ImageBuilder(), "other");
        await fixture.Server.RestartAsync(); // With a memory in which nothing was written yet.
        using var known = await longer.GetAsync("manifests/2");

        using var unknown = await shorter.GetAsync("manifests/odelm2"); // "m" marks manifests among what is remembered.
        using var second = await shorter.GetAsync("manifests/odel2");

        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, second.StatusCode);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public async Task Get_OfAnUnknownReference_Answers404(string reference)
    {
        var image = fixture.NewImage();
        await image.PushAsync(new ImageBuilder(), "v1");

        using var get = await image.GetAsync("manifests/" + reference);
        using var head = await image.HeadAsync("manifests/" + reference);

        await get.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", reference);
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Fact]
    public async Task Get_InAnUnknownImage_Answers404()
    {
        var image = fixture.NewImage();

        using var get = await image.GetAsync("manifests/latest");
        using var head = await image.HeadAsync("manifests/latest");

        await get.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", image.Name.Split('/'));
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Fact]
    public async Task Get_InAnUnknownRegistry_Answers404()
    {
        using var response = await new RegistryClient(fixture.Http, "nobody-made-this/app").GetAsync("manifests/latest");

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", "nobody-made-this");
    }

    [Fact]
    public async Task Get_ThroughAnotherImage_Answers404()
    {
        var pushed = await fixture.NewImage().PushAsync(new ImageBuilder(), "v1");
        var stranger = fixture.NewImage();
        await stranger.PushAsync(new ImageBuilder(), "v1");

        using var response = await stranger.GetAsync("manifests/" + pushed.Digest);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task Get_OfAConfigBlobAsAManifest_Answers404()
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder();
        await image.PushAsync(built, "v1");

        using var response = await image.GetAsync("manifests/" + built.ConfigDigest);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task Get_ByABrokenDigest_Answers400()
    {
        using var response = await fixture.NewImage().GetAsync("manifests/sha256:baddigeststring");

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Theory]
    [InlineData(Oci.DockerManifest)]
    [InlineData(Oci.Index)]
    [InlineData("text/html")]
    [InlineData("*/*")]
    public async Task Get_WithAnotherAccept_GivesTheBytesAsPushed(string accept)
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(), "v1");

        using var response = await image.GetAsync("manifests/v1", ("Accept", accept));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Oci.Manifest, response.RequireHeader("Content-Type"));
        Assert.Equal(pushed.Body, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Get_OfTagsThatDifferInCase_KeepsThemApart()
    {
        var image = fixture.NewImage();
        var lower = await image.PushAsync(new ImageBuilder(), "release");
        var upper = await image.PushAsync(new ImageBuilder(), "RELEASE");

        using var first = await image.HeadAsync("manifests/release");
        using var second = await image.HeadAsync("manifests/RELEASE");
        using var third = await image.HeadAsync("manifests/Release");

        Assert.Equal(lower.Digest, first.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(upper.Digest, second.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(HttpStatusCode.NotFound, third.StatusCode);
    }

    [Fact]
    public async Task Get_AfterARestart_GivesTheSame()
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder();
        var pushed = await image.PushAsync(built, "v1");

        await fixture.Server.RestartAsync();

        using var manifest = await image.GetAsync("manifests/v1");
        Assert.Equal(pushed.Body, await manifest.Content.ReadAsByteArrayAsync());
        using var blob = await image.GetAsync("blobs/" + built.LayerDigests[0]);
        Assert.Equal(built.Blobs[1], await blob.Content.ReadAsByteArrayAsync());
    }
}
