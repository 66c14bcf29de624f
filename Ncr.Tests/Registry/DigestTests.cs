using System.Net;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class DigestTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    public enum Way
    {
        PostThenPut,
        PostOnly,
        Chunks,
        Stream,
    }

    public static TheoryData<Way, string, string> Ways
    {
        get
        {
            var ways = new TheoryData<Way, string, string>();
            foreach (var way in Enum.GetValues<Way>())
            {
                ways.Add(way, "sha256", "");
                ways.Add(way, "sha512", "");
                ways.Add(way, "sha512", "?digest-algorithm=sha512");
                // A hint only: the digest at the end decides.
                ways.Add(way, "sha256", "?digest-algorithm=sha512");
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Blob_PushedInAnyWay_IsFoundByItsDigest(Way way, string algorithm, string hint)
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(3000);
        var digest = Oci.Digest(content, algorithm);

        using var pushed = await PushAsync(image, way, content, digest, hint);

        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        Assert.Equal(digest, pushed.RequireHeader("Docker-Content-Digest"));
        Assert.EndsWith("/blobs/" + digest, pushed.RequireHeader("Location"), StringComparison.Ordinal);
        using var get = await image.GetAsync("blobs/" + digest);
        Assert.Equal(digest, get.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
        using var delete = await image.DeleteAsync("blobs/" + digest);
        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);
    }

    [Theory]
    [InlineData(Way.PostThenPut, "sha256")]
    [InlineData(Way.PostThenPut, "sha512")]
    [InlineData(Way.PostOnly, "sha512")]
    [InlineData(Way.Chunks, "sha512")]
    [InlineData(Way.Stream, "sha512")]
    public async Task Blob_PushedUnderAWrongDigest_IsRefused(Way way, string algorithm)
    {
        var image = fixture.NewImage();
        var wrong = Oci.UnknownDigest(algorithm);

        using var pushed = await PushAsync(image, way, Oci.RandomBytes(3000), wrong, "");

        await pushed.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var head = await image.HeadAsync("blobs/" + wrong);
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task Blob_Empty_IsStored(string algorithm)
    {
        var image = fixture.NewImage();

        var digest = await image.PushBlobAsync([], algorithm);

        using var head = await image.HeadAsync("blobs/" + digest);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("0", head.RequireHeader("Content-Length"));
    }

    [Fact]
    public async Task Blob_PushedUnderBothAlgorithms_IsFoundByBoth()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(500);
        var (first, second) = (await image.PushBlobAsync(content), await image.PushBlobAsync(content, "sha512"));

        using var delete = await image.DeleteAsync("blobs/" + first);

        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);
        using var get = await image.GetAsync("blobs/" + second);
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Upload_WithAHintNobodyKnows_GoesOnWithoutIt()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(100);

        using var finish = await image.FinishAsync(await image.OpenUploadAsync("?digest-algorithm=md5"), Oci.Digest(content), content);

        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
    }

    [Fact]
    public async Task Manifest_PushedBySha512_KeepsThatDigest()
    {
        var image = fixture.NewImage();
        var pushed = await image.PushAsync(new ImageBuilder(algorithm: "sha512"));

        using var get = await image.GetAsync("manifests/" + pushed.Digest);
        using var head = await image.HeadAsync("manifests/" + pushed.Digest);

        Assert.StartsWith("sha512:", pushed.Digest, StringComparison.Ordinal);
        Assert.Equal(pushed.Digest, get.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(pushed.Body, await get.Content.ReadAsByteArrayAsync());
        Assert.Equal(pushed.Digest, head.RequireHeader("Docker-Content-Digest"));
    }

    [Fact]
    public async Task Manifest_PushedBySha512WithTags_IsFoundByThem()
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder(algorithm: "sha512");
        await image.PushAsync(built);
        var body = built.Build();
        var digest = Oci.Digest(body, "sha512");

        using var put = await image.PutManifestAsync(digest + "?tag=one&tag=two", body, Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(["one", "two"], put.RequireHeader("OCI-Tag").Split(',', StringSplitOptions.TrimEntries).Order());
        using var head = await image.HeadAsync("manifests/two");
        Assert.Equal(digest, head.RequireHeader("Docker-Content-Digest"));
    }

    [Fact]
    public async Task Manifest_PushedByTag_HasASha256Digest()
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder(algorithm: "sha512");
        foreach (var blob in built.Blobs)
        {
            await image.PushBlobAsync(blob, "sha512");
        }

        using var put = await image.PutManifestAsync("v1", built.Build(), Oci.Manifest);

        Assert.Equal(Oci.Digest(built.Build()), put.RequireHeader("Docker-Content-Digest"));
    }

    [Fact]
    public async Task Index_OfSha512Children_IsTakenAndDeleted()
    {
        var image = fixture.NewImage();
        var child = await image.PushAsync(new ImageBuilder(algorithm: "sha512"));
        var index = await image.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index, algorithm: "sha512");

        using var refused = await image.DeleteAsync("manifests/" + child.Digest);
        using var first = await image.DeleteAsync("manifests/" + index.Digest);
        using var second = await image.DeleteAsync("manifests/" + child.Digest);

        await refused.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "DENIED");
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
    }

    [Fact]
    public async Task Referrers_OfASha512Subject_AreFoundByIt()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(algorithm: "sha512"));
        var body = Oci.IndexOf([], change: i => i["subject"] = subject.Descriptor());

        using var put = await image.PutManifestAsync("extra", body, Oci.Index);

        Assert.Equal(subject.Digest, put.RequireHeader("OCI-Subject"));
        var entry = Assert.Single((await image.GetJsonAsync("referrers/" + subject.Digest)).GetProperty("manifests").EnumerateArray());
        Assert.Equal(Oci.Digest(body), entry.GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Mount_OfASha512Blob_Works()
    {
        var (source, target) = (fixture.NewImage("other"), fixture.NewImage());
        var digest = await source.PushBlobAsync(Oci.RandomBytes(20), "sha512");

        using var mount = await target.StartUploadAsync($"?mount={digest}&from={source.Name}");

        Assert.Equal(HttpStatusCode.Created, mount.StatusCode);
        Assert.Equal(digest, mount.RequireHeader("Docker-Content-Digest"));
    }

    private static async Task<HttpResponseMessage> PushAsync(RegistryClient image, Way way, byte[] content, string digest, string hint)
    {
        if (way == Way.PostOnly)
        {
            return await image.StartUploadAsync(RegistryClient.WithQuery(hint, "digest=" + digest), content);
        }

        var location = await image.OpenUploadAsync(hint);
        var chunk = way == Way.Chunks ? 1024 : content.Length;
        for (var from = 0; way != Way.PostThenPut && from < content.Length; from += chunk)
        {
            var to = Math.Min(from + chunk, content.Length);
            using var patch = await image.PatchAsync(location, content[from..to], way == Way.Chunks ? $"{from}-{to - 1}" : null);
            Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
            location = patch.RequireHeader("Location");
        }

        return await image.FinishAsync(location, digest, way == Way.PostThenPut ? content : null);
    }
}
