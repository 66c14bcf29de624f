using System.Globalization;
using System.Net;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class UploadTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Post_OpensASession()
    {
        var image = fixture.NewImage();

        using var response = await image.StartUploadAsync();

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("0-0", response.RequireHeader("Range"));
        var location = Path(response.RequireHeader("Location"));
        Assert.StartsWith($"/v2/{image.Name}/blobs/uploads/", location, StringComparison.Ordinal);
        var id = location[(location.LastIndexOf('/') + 1)..];
        Assert.Matches("^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", id); // "MUST contain a UUID"
        Assert.Equal(id, response.RequireHeader("Docker-Upload-UUID"));
    }

    [Fact]
    public async Task Post_Twice_OpensTwoSessions()
    {
        var image = fixture.NewImage();

        Assert.NotEqual(await image.OpenUploadAsync(), await image.OpenUploadAsync());
    }

    [Fact]
    public async Task Post_WithDigestAndBody_StoresTheBlobAtOnce()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(300);
        var digest = Oci.Digest(content);

        using var response = await image.StartUploadAsync("?digest=" + digest, content);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(digest, response.RequireHeader("Docker-Content-Digest"));
        await AssertBlobAsync(image, response.RequireHeader("Location"), content);
    }

    [Fact]
    public async Task Post_WithDigestOfNothingAndNoBody_StoresTheEmptyBlob()
    {
        var image = fixture.NewImage();

        using var response = await image.StartUploadAsync("?digest=" + Oci.Digest([]));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        await AssertBlobAsync(image, response.RequireHeader("Location"), []);
    }

    [Fact]
    public async Task Post_WithWrongDigest_Answers400AndStoresNothing()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(300);
        var wrong = Oci.UnknownDigest();

        using var response = await image.StartUploadAsync("?digest=" + wrong, content);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        foreach (var digest in new[] { wrong, Oci.Digest(content) })
        {
            using var head = await image.HeadAsync("blobs/" + digest);
            Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        }
    }

    [Theory]
    [InlineData("sha256:nonsense")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    public async Task Post_WithBrokenDigest_Answers400(string digest)
    {
        using var response = await fixture.NewImage().StartUploadAsync("?digest=" + digest, [1]);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Fact]
    public async Task Put_WithTheWholeBody_StoresTheBlob()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(1000);
        var digest = Oci.Digest(content);

        using var response = await image.FinishAsync(await image.OpenUploadAsync(), digest, content);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(digest, response.RequireHeader("Docker-Content-Digest"));
        await AssertBlobAsync(image, response.RequireHeader("Location"), content);
    }

    [Fact]
    public async Task Put_WithoutAnyByte_StoresTheEmptyBlob()
    {
        var image = fixture.NewImage();

        using var response = await image.FinishAsync(await image.OpenUploadAsync(), Oci.Digest([]));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        await AssertBlobAsync(image, response.RequireHeader("Location"), []);
    }

    [Fact]
    public async Task Put_OfABlobKnownAlready_AnswersTheSame()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(1000);
        await image.PushBlobAsync(content);

        using var response = await image.FinishAsync(await image.OpenUploadAsync(), Oci.Digest(content), content);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        await AssertBlobAsync(image, response.RequireHeader("Location"), content);
    }

    [Fact]
    public async Task Put_FromEightClientsAtOnce_StoresTheBlobForAll()
    {
        var content = Oci.RandomBytes(100_000);
        var images = Enumerable.Range(0, 8).Select(i => fixture.NewImage(i % 2 == 0 ? "team" : "other")).ToArray();

        var digests = await Task.WhenAll(images.Select(i => i.PushBlobAsync(content)));

        Assert.Single(digests.Distinct());
        foreach (var image in images)
        {
            await AssertBlobAsync(image, image.Url("blobs/" + digests[0]), content);
        }
    }

    [Fact]
    public async Task Put_WithWrongDigest_Answers400AndStoresNothing()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(1000);
        var wrong = Oci.UnknownDigest();

        using var response = await image.FinishAsync(await image.OpenUploadAsync(), wrong, content);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var head = await image.HeadAsync("blobs/" + wrong);
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?digest=")]
    [InlineData("?digest=sha256:nonsense")]
    [InlineData("?digest=md5:d41d8cd98f00b204e9800998ecf8427e")]
    public async Task Put_WithoutAUsableDigest_Answers400AndKeepsTheSession(string query)
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(20);
        var location = await image.OpenUploadAsync();
        using var patch = await image.PatchAsync(location, content);
        Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);

        using var response = await image.Http.SendRawAsync(HttpMethod.Put, location + query, new ByteArrayContent([]));

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var finish = await image.FinishAsync(location, Oci.Digest(content));
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
    }

    [Fact]
    public async Task Patch_Streamed_TakesChunkedTransferWithoutContentRange()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(200_000);
        var location = await image.OpenUploadAsync();

        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(image.Http.BaseAddress!, Path(location)));
        request.Content = new StreamContent(new MemoryStream(content));
        request.Headers.TransferEncodingChunked = true;
        using var patch = await image.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
        Assert.Equal("0-199999", patch.RequireHeader("Range"));
        Assert.NotEmpty(patch.RequireHeader("Docker-Upload-UUID"));
        using var finish = await image.FinishAsync(patch.RequireHeader("Location"), Oci.Digest(content));
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
        await AssertBlobAsync(image, finish.RequireHeader("Location"), content);
    }

    [Fact]
    public async Task Patch_WithoutAnyByte_IsAccepted()
    {
        var image = fixture.NewImage();

        using var patch = await image.PatchAsync(await image.OpenUploadAsync(), []);

        Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
        Assert.Equal("0-0", patch.RequireHeader("Range"));
        using var finish = await image.FinishAsync(patch.RequireHeader("Location"), Oci.Digest([]));
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
    }

    [Fact]
    public async Task Patch_InOrder_ReportsTheRangeAndJoinsTheChunks()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(3000);
        var location = await image.OpenUploadAsync();

        foreach (var (from, to) in new[] { (0, 999), (1000, 1999), (2000, 2999) })
        {
            using var patch = await image.PatchAsync(location, content[from..(to + 1)], $"{from}-{to}");
            Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
            Assert.Equal($"0-{to}", patch.RequireHeader("Range"));
            Assert.Equal("0", patch.RequireHeader("Content-Length"));
            location = patch.RequireHeader("Location");
        }

        using var finish = await image.FinishAsync(location, Oci.Digest(content));
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
        await AssertBlobAsync(image, finish.RequireHeader("Location"), content);
    }

    [Fact]
    public async Task Put_WithTheLastChunk_JoinsIt()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(2500);
        var location = await image.OpenUploadAsync();
        using var patch = await image.PatchAsync(location, content[..1500], "0-1499");

        using var finish = await image.FinishAsync(patch.RequireHeader("Location"), Oci.Digest(content), content[1500..], "1500-2499");

        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
        await AssertBlobAsync(image, finish.RequireHeader("Location"), content);
    }

    [Theory]
    [InlineData("2000-2999")]
    [InlineData("0-999")]
    [InlineData("999-1998")]
    [InlineData("1001-2000")]
    [InlineData("1000-")]
    [InlineData("1999-1000")]
    [InlineData("abc")]
    [InlineData("1000-99999999999999999999")]
    public async Task Patch_OutOfOrderOrMalformed_Answers416AndTheSessionGoesOn(string range)
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(2000);
        using var first = await image.PatchAsync(await image.OpenUploadAsync(), content[..1000], "0-999");
        var location = first.RequireHeader("Location");

        using var refused = await image.PatchAsync(location, content[1000..], range);

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, refused.StatusCode);
        Assert.Equal("0-999", refused.RequireHeader("Range"));
        Assert.StartsWith($"/v2/{image.Name}/blobs/uploads/", Path(refused.RequireHeader("Location")), StringComparison.Ordinal);
        using var second = await image.PatchAsync(refused.RequireHeader("Location"), content[1000..], "1000-1999");
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        using var finish = await image.FinishAsync(second.RequireHeader("Location"), Oci.Digest(content));
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
    }

    [Theory]
    [InlineData("bytes 0-99/*")]
    [InlineData("bytes 0-99/200")]
    public async Task Patch_WithContentRangeAsHttpWritesIt_IsTaken(string range)
    {
        var image = fixture.NewImage();

        using var patch = await image.PatchAsync(await image.OpenUploadAsync(), Oci.RandomBytes(100), range);

        Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
        Assert.Equal("0-99", patch.RequireHeader("Range"));
    }

    [Fact]
    public async Task Patch_FirstChunkNotFromTheStart_Answers416()
    {
        var image = fixture.NewImage();
        var location = await image.OpenUploadAsync();

        using var refused = await image.PatchAsync(location, Oci.RandomBytes(100), "100-199");

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, refused.StatusCode);
        Assert.Equal("0-0", refused.RequireHeader("Range"));
        using var status = await image.Http.SendRawAsync(HttpMethod.Get, location);
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
    }

    [Fact]
    public async Task Put_WithTheLastChunkOutOfOrder_Answers416AndTheSessionGoesOn()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(2000);
        using var first = await image.PatchAsync(await image.OpenUploadAsync(), content[..1000], "0-999");
        var location = first.RequireHeader("Location");

        using var refused = await image.FinishAsync(location, Oci.Digest(content), content[1000..], "1500-2499");

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, refused.StatusCode);
        // The conformance programme leaves the digest on the address when it asks where the upload stands.
        using var status = await image.Http.SendRawAsync(HttpMethod.Get, RegistryClient.WithQuery(location, "digest=" + Oci.Digest(content)));
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        Assert.Equal("0-999", status.RequireHeader("Range"));
        using var finish = await image.FinishAsync(status.RequireHeader("Location"), Oci.Digest(content), content[1000..], "1000-1999");
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
        await AssertBlobAsync(image, finish.RequireHeader("Location"), content);
    }

    [Theory]
    [InlineData("0-49")]
    [InlineData("0-149")]
    public async Task Patch_WithARangeOfAnotherLength_Answers400AndAddsNothing(string range)
    {
        var image = fixture.NewImage();
        var location = await image.OpenUploadAsync();

        using var refused = await image.PatchAsync(location, Oci.RandomBytes(100), range);

        await refused.AssertErrorAsync(HttpStatusCode.BadRequest, "SIZE_INVALID");
        using var status = await image.Http.SendRawAsync(HttpMethod.Get, location);
        Assert.Equal("0-0", status.RequireHeader("Range"));
    }

    [Fact]
    public async Task Get_OfASession_TellsWhereItStands()
    {
        var image = fixture.NewImage();
        var location = await image.OpenUploadAsync();
        using var fresh = await image.Http.SendRawAsync(HttpMethod.Get, location);
        using var patch = await image.PatchAsync(location, Oci.RandomBytes(1500));

        using var status = await image.Http.SendRawAsync(HttpMethod.Get, patch.RequireHeader("Location"));

        Assert.Equal(HttpStatusCode.NoContent, fresh.StatusCode);
        Assert.Equal("0-0", fresh.RequireHeader("Range"));
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        Assert.Equal("0-1499", status.RequireHeader("Range"));
        Assert.StartsWith($"/v2/{image.Name}/blobs/uploads/", Path(status.RequireHeader("Location")), StringComparison.Ordinal);
        Assert.NotEmpty(status.RequireHeader("Docker-Upload-UUID"));
    }

    [Fact]
    public async Task Delete_OfASession_EndsIt()
    {
        var image = fixture.NewImage();
        var location = await image.OpenUploadAsync();
        using var patch = await image.PatchAsync(location, Oci.RandomBytes(1500));

        using var cancel = await image.Http.SendRawAsync(HttpMethod.Delete, location);

        Assert.Equal(HttpStatusCode.NoContent, cancel.StatusCode);
        using var status = await image.Http.SendRawAsync(HttpMethod.Get, location);
        await status.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        using var again = await image.Http.SendRawAsync(HttpMethod.Delete, location);
        await again.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Session_Unknown_Answers404(string method)
    {
        var image = fixture.NewImage();
        foreach (var id in new[] { Guid.NewGuid().ToString(), "not-a-session", "..%2f..%2fncr.db" })
        {
            using var response = await image.Http.SendRawAsync(
                new HttpMethod(method), image.Url($"blobs/uploads/{id}?digest={Oci.Digest([1])}"), method == "GET" ? null : new ByteArrayContent([1]));

            await response.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Session_OfAnotherImage_Answers404(string method)
    {
        var (image, stranger) = (fixture.NewImage(), fixture.NewImage());
        var location = Path(await image.OpenUploadAsync());
        var elsewhere = location.Replace(image.Name, stranger.Name, StringComparison.Ordinal);

        using var response = await image.Http.SendRawAsync(
            new HttpMethod(method), RegistryClient.WithQuery(elsewhere, "digest=" + Oci.Digest([1])), method == "GET" ? null : new ByteArrayContent([1]));

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        using var status = await image.Http.SendRawAsync(HttpMethod.Get, location);
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        Assert.Equal("0-0", status.RequireHeader("Range"));
    }

    [Fact]
    public async Task Session_Finished_Answers404()
    {
        var image = fixture.NewImage();
        var location = await image.OpenUploadAsync();
        using var finish = await image.FinishAsync(location, Oci.Digest([1]), [1]);
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);

        using var status = await image.Http.SendRawAsync(HttpMethod.Get, location);

        await status.AssertErrorAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task Session_AfterARestart_GoesOn()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(300_000);
        var location = await image.OpenUploadAsync();
        using var first = await image.PatchAsync(location, content[..200_000], "0-199999");
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);

        await fixture.Server.RestartAsync();

        using var status = await image.Http.SendRawAsync(HttpMethod.Get, first.RequireHeader("Location"));
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        Assert.Equal("0-199999", status.RequireHeader("Range"));
        using var second = await image.PatchAsync(status.RequireHeader("Location"), content[200_000..250_000], "200000-249999");
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        Assert.Equal("0-249999", second.RequireHeader("Range"));
        using var finish = await image.FinishAsync(second.RequireHeader("Location"), Oci.Digest(content), content[250_000..], "250000-299999");
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
        await AssertBlobAsync(image, finish.RequireHeader("Location"), content);
    }

    [Fact]
    public async Task Session_AfterARestartWithSha512_GoesOn()
    {
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(50_000);
        using var first = await image.PatchAsync(await image.OpenUploadAsync(), content[..20_000]);

        await fixture.Server.RestartAsync();

        using var finish = await image.FinishAsync(first.RequireHeader("Location"), Oci.Digest(content, "sha512"), content[20_000..]);
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
    }

    [Fact]
    public async Task Patch_BrokenOffHalfway_GoesOnFromWhatArrived()
    {
        const int Sent = 1 << 20;
        var image = fixture.NewImage();
        var content = Oci.RandomBytes(2 * Sent);
        var location = await image.OpenUploadAsync();
        using (var client = fixture.Server.CreateClient())
        using (var request = new HttpRequestMessage(HttpMethod.Patch, Path(location)) { Content = new BrokenContent(content, Sent) })
        {
            await Assert.ThrowsAnyAsync<Exception>(() => client.SendAsync(request));
        }

        // The server notices the break in its own time: wait until the figure rests.
        var (offset, before) = (0, -1);
        for (var attempt = 0; (offset == 0 || offset != before) && attempt < 50; attempt++)
        {
            await Task.Delay(100);
            using var status = await image.Http.SendRawAsync(HttpMethod.Get, location);
            Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
            var end = int.Parse(status.RequireHeader("Range")[2..], CultureInfo.InvariantCulture);
            (before, offset) = (offset, end == 0 ? 0 : end + 1);
        }

        Assert.InRange(offset, 1, Sent);
        using var rest = await image.PatchAsync(location, content[offset..], $"{offset}-{content.Length - 1}");
        Assert.Equal(HttpStatusCode.Accepted, rest.StatusCode);
        using var finish = await image.FinishAsync(rest.RequireHeader("Location"), Oci.Digest(content));
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
    }

    private static string Path(string location) => location.StartsWith('/') ? location : new Uri(location).PathAndQuery;

    private static async Task AssertBlobAsync(RegistryClient image, string location, byte[] content)
    {
        Assert.EndsWith($"/v2/{image.Name}/blobs/{Oci.Digest(content)}", location, StringComparison.Ordinal);
        using var response = await image.Http.SendRawAsync(HttpMethod.Get, location);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Announces all of the content and fails after the first part, as a client does whose network goes.</summary>
    private sealed class BrokenContent(byte[] content, int sent) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(content.AsMemory(0, sent));
            await stream.FlushAsync();
            await Task.Delay(300);
            throw new IOException("The network went.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = content.Length;
            return true;
        }
    }
}
