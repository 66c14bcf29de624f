using System.Net;
using System.Security.Cryptography;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class BlobTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Head_OfAStoredBlob_GivesLengthAndDigest()
    {
        var image = fixture.NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(1234));

        using var response = await image.HeadAsync("blobs/" + digest);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("1234", response.RequireHeader("Content-Length"));
        Assert.Equal(digest, response.RequireHeader("Docker-Content-Digest"));
        Assert.Equal("application/octet-stream", response.RequireHeader("Content-Type"));
        Assert.Equal("bytes", response.RequireHeader("Accept-Ranges"));
        Assert.NotEmpty(response.RequireHeader("ETag"));
    }

    [Fact]
    public async Task Get_OfAStoredBlob_GivesItsBytes()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(5000);
        var digest = await image.PushBlobAsync(content);

        using var response = await image.GetAsync("blobs/" + digest);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("5000", response.RequireHeader("Content-Length"));
        Assert.Equal(digest, response.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Get_OfTheEmptyBlob_GivesNothingWithItsLength()
    {
        var image = fixture.NewImage();
        var digest = await image.PushBlobAsync([]);

        using var get = await image.GetAsync("blobs/" + digest);
        using var head = await image.HeadAsync("blobs/" + digest);

        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        Assert.Empty(await get.Content.ReadAsByteArrayAsync());
        Assert.Equal("0", get.RequireHeader("Content-Length"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("0", head.RequireHeader("Content-Length"));
    }

    [Fact]
    public async Task PushAndGet_LargerThanKestrelsDefaultLimit_KeepsEveryByte()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(40 * 1024 * 1024);
        var digest = await image.PushBlobAsync(content);

        using var request = new HttpRequestMessage(HttpMethod.Get, image.Url("blobs/" + digest));
        using var response = await image.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();

        Assert.Equal(content.Length, response.Content.Headers.ContentLength);
        Assert.Equal(digest, "sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(stream)));
    }

    [Fact]
    public async Task Get_OfAnUnknownBlob_Answers404()
    {
        var image = fixture.NewImage();
        await image.PushBlobAsync(Oci.RandomBytes(10));
        var unknown = Oci.UnknownDigest();

        using var get = await image.GetAsync("blobs/" + unknown);
        using var head = await image.HeadAsync("blobs/" + unknown);

        await get.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Fact]
    public async Task Get_ThroughAnImageThatDoesNotLinkTheBlob_Answers404()
    {
        var holder = fixture.NewImage();
        var digest = await holder.PushBlobAsync(Oci.RandomBytes(10));
        var stranger = fixture.NewImage();
        await stranger.PushAsync(new ImageBuilder(), "latest");

        using var get = await stranger.GetAsync("blobs/" + digest);
        using var head = await stranger.HeadAsync("blobs/" + digest);

        await get.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Theory]
    [InlineData("sha256:short")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("latest")]
    public async Task Get_OfSomethingThatIsNoDigest_Answers400(string digest)
    {
        using var response = await fixture.NewImage().GetAsync("blobs/" + digest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Fact]
    public async Task Get_WithMatchingIfNoneMatch_Answers304WithoutBody()
    {
        var image = fixture.NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(100));
        using var first = await image.GetAsync("blobs/" + digest);
        var etag = first.RequireHeader("ETag");

        using var get = await image.GetAsync("blobs/" + digest, ("If-None-Match", etag));
        using var list = await image.GetAsync("blobs/" + digest, ("If-None-Match", "\"other\", " + etag));
        using var head = await image.HeadAsync("blobs/" + digest, ("If-None-Match", etag));

        Assert.Equal(HttpStatusCode.NotModified, get.StatusCode);
        Assert.Empty(await get.Content.ReadAsByteArrayAsync());
        Assert.Equal(etag, get.RequireHeader("ETag"));
        Assert.Equal(HttpStatusCode.NotModified, list.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, head.StatusCode);
    }

    [Fact]
    public async Task Get_WithOtherIfNoneMatch_GivesTheBlob()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(100);
        var digest = await image.PushBlobAsync(content);

        using var response = await image.GetAsync("blobs/" + digest, ("If-None-Match", "\"other\""));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Get_WithMatchingIfNoneMatchOnAnotherImage_Answers404()
    {
        var holder = fixture.NewImage();
        var digest = await holder.PushBlobAsync(Oci.RandomBytes(100));
        using var first = await holder.GetAsync("blobs/" + digest);

        using var response = await fixture.NewImage().GetAsync("blobs/" + digest, ("If-None-Match", first.RequireHeader("ETag")));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("bytes=500-1499", 500, 1499)]
    [InlineData("bytes=500-", 500, 2047)]
    [InlineData("bytes=-500", 1548, 2047)]
    [InlineData("bytes=2000-5000", 2000, 2047)]
    [InlineData("bytes=0-0", 0, 0)]
    [InlineData("bytes=-5000", 0, 2047)]
    public async Task Get_WithARange_GivesThatPart(string range, int from, int to)
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(2048);
        var digest = await image.PushBlobAsync(content);

        using var response = await image.GetAsync("blobs/" + digest, ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes {from}-{to}/2048", response.RequireHeader("Content-Range"));
        Assert.Equal((to - from + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), response.RequireHeader("Content-Length"));
        Assert.Equal(digest, response.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(content[from..(to + 1)], await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=500-0")]
    [InlineData("bytes=5000-10000")]
    [InlineData("bytes=2048-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=abc")]
    [InlineData("bytes=-")]
    public async Task Get_WithABadRange_Answers416(string range)
    {
        var image = fixture.NewImage();
        var digest = await image.PushBlobAsync(Oci.RandomBytes(2048));

        using var response = await image.GetAsync("blobs/" + digest, ("Range", range));

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Equal("bytes */2048", response.RequireHeader("Content-Range"));
    }

    [Fact]
    public async Task Get_WithSeveralRanges_GivesTheWhole()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(2048);
        var digest = await image.PushBlobAsync(content);

        using var response = await image.GetAsync("blobs/" + digest, ("Range", "bytes=0-9, 100-109"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Get_InTwoRanges_JoinsToTheBlob()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(3001);
        var digest = await image.PushBlobAsync(content);

        using var first = await image.GetAsync("blobs/" + digest, ("Range", "bytes=0-1499"));
        using var rest = await image.GetAsync("blobs/" + digest, ("Range", "bytes=1500-"));

        Assert.Equal(content, (byte[])[.. await first.Content.ReadAsByteArrayAsync(), .. await rest.Content.ReadAsByteArrayAsync()]);
    }

    [Fact]
    public async Task Delete_OfAFreeBlob_TakesItFromThisImageOnly()
    {
        var (image, neighbour) = (fixture.NewImage(), fixture.NewImage());
        var content = Oci.RandomBytes(64);
        var digest = await image.PushBlobAsync(content);
        await neighbour.PushBlobAsync(content);

        using var delete = await image.DeleteAsync("blobs/" + digest);

        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);
        using var head = await image.HeadAsync("blobs/" + digest);
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        using var again = await image.DeleteAsync("blobs/" + digest);
        await again.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        using var there = await neighbour.GetAsync("blobs/" + digest);
        Assert.Equal(content, await there.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Delete_ThenPushAgain_BringsItBack()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(64);
        var digest = await image.PushBlobAsync(content);
        using var delete = await image.DeleteAsync("blobs/" + digest);
        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);

        await image.PushBlobAsync(content);

        using var get = await image.GetAsync("blobs/" + digest);
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delete_OfABlobInUse_IsRefusedNamingTheArtifact(bool config)
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder();
        var manifest = await image.PushAsync(built, "v1");
        var digest = config ? built.ConfigDigest : built.LayerDigests[1];

        using var refused = await image.DeleteAsync("blobs/" + digest);

        var errors = await refused.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "DENIED");
        Assert.Contains(manifest.Digest[..19], errors[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        var allow = refused.RequireHeader("Allow");
        Assert.Contains("GET", allow, StringComparison.Ordinal);
        Assert.Contains("HEAD", allow, StringComparison.Ordinal);
        Assert.DoesNotContain("DELETE", allow, StringComparison.Ordinal);
        using var still = await image.HeadAsync("blobs/" + digest);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Fact]
    public async Task Delete_AfterTheArtifactWent_IsAccepted()
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder();
        var manifest = await image.PushAsync(built);
        using var first = await image.DeleteAsync("manifests/" + manifest.Digest);
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);

        using var blob = await image.DeleteAsync("blobs/" + built.LayerDigests[0]);

        Assert.Equal(HttpStatusCode.Accepted, blob.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10)]
    public async Task Get_OfContentThatIsMissingOrCutShort_SaysSoAndIsNotKept(int? length)
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(1000);
        var digest = await image.PushBlobAsync(content);
        var file = Directory.EnumerateFiles(Path.Combine(fixture.Server.DataFolder, "blobs"), "*", SearchOption.AllDirectories)
            .Single(f => new FileInfo(f).Length == content.Length && File.ReadAllBytes(f).AsSpan().SequenceEqual(content));
        if (length is { } left)
        {
            await File.WriteAllBytesAsync(file, content[..left]);
        }
        else
        {
            File.Delete(file);
        }

        using var response = await image.GetAsync($"blobs/{digest}");

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN", "missing or damaged", "backup");
        Assert.Null(response.Headers.CacheControl);
        Assert.Null(response.Headers.ETag);
    }
}
