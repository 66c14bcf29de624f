using System.Net;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class MountTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData("team")]
    [InlineData("other")]
    public async Task Mount_FromAnImageThatHoldsIt_LinksTheBlob(string registry)
    {
        var (source, target) = (fixture.NewImage(registry), fixture.NewImage());
        var content = Oci.RandomBytes(400);
        var digest = await source.PushBlobAsync(content);

        using var response = await target.StartUploadAsync($"?mount={digest}&from={Uri.EscapeDataString(source.Name)}");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(digest, response.RequireHeader("Docker-Content-Digest"));
        Assert.EndsWith(target.Url("blobs/" + digest), response.RequireHeader("Location"), StringComparison.Ordinal);
        using var get = await target.Http.SendRawAsync(HttpMethod.Get, response.RequireHeader("Location"));
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Mount_ThenDeleteAtTheSource_KeepsTheBlobHere()
    {
        var (source, target) = (fixture.NewImage("other"), fixture.NewImage());
        var content = Oci.RandomBytes(400);
        var digest = await source.PushBlobAsync(content);
        using var mount = await target.StartUploadAsync($"?mount={digest}&from={source.Name}");
        Assert.Equal(HttpStatusCode.Created, mount.StatusCode);

        using var delete = await source.DeleteAsync("blobs/" + digest);

        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);
        using var get = await target.GetAsync("blobs/" + digest);
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Mount_OfABlobTheSourceDoesNotHold_OpensASession()
    {
        var (source, target) = (fixture.NewImage("other"), fixture.NewImage());
        await source.PushBlobAsync(Oci.RandomBytes(10));
        var content = Oci.RandomBytes(400);

        using var response = await target.StartUploadAsync($"?mount={Oci.Digest(content)}&from={source.Name}");

        await AssertSessionAsync(target, response, content);
    }

    [Fact]
    public async Task Mount_OfABlobThatOnlyAnotherImageHolds_DoesNotTakeItFromThere()
    {
        var (holder, source, target) = (fixture.NewImage(), fixture.NewImage("other"), fixture.NewImage());
        var content = Oci.RandomBytes(400);
        await holder.PushBlobAsync(content);
        await source.PushBlobAsync(Oci.RandomBytes(10));

        using var response = await target.StartUploadAsync($"?mount={Oci.Digest(content)}&from={source.Name}");

        await AssertSessionAsync(target, response, content);
    }

    [Theory]
    [InlineData("other/nowhere")]
    [InlineData("no-such-registry/nowhere")]
    [InlineData("UPPER/case")]
    [InlineData("onepart")]
    public async Task Mount_FromAnImageThatIsNotThere_OpensASession(string from)
    {
        var content = Oci.RandomBytes(30);
        var target = fixture.NewImage();

        using var response = await target.StartUploadAsync($"?mount={Oci.Digest(content)}&from={from}");

        await AssertSessionAsync(target, response, content);
    }

    [Fact]
    public async Task Mount_WithoutFrom_FindsABlobTheCallerMayRead()
    {
        var (source, target) = (fixture.NewImage("other"), fixture.NewImage());
        var content = Oci.RandomBytes(400);
        var digest = await source.PushBlobAsync(content);

        using var response = await target.StartUploadAsync("?mount=" + digest);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(digest, response.RequireHeader("Docker-Content-Digest"));
        using var get = await target.Http.SendRawAsync(HttpMethod.Get, response.RequireHeader("Location"));
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Mount_WithoutFromOfAnUnknownBlob_OpensASession()
    {
        var target = fixture.NewImage();
        var content = Oci.RandomBytes(400);

        using var response = await target.StartUploadAsync("?mount=" + Oci.Digest(content));

        await AssertSessionAsync(target, response, content);
    }

    [Fact]
    public async Task Mount_WithoutFromOfABlobNoImageHoldsAnyMore_OpensASession()
    {
        var (source, target) = (fixture.NewImage("other"), fixture.NewImage());
        var content = Oci.RandomBytes(400);
        var digest = await source.PushBlobAsync(content);
        using var delete = await source.DeleteAsync("blobs/" + digest);

        using var response = await target.StartUploadAsync("?mount=" + digest);

        await AssertSessionAsync(target, response, content);
    }

    [Theory]
    [InlineData("?mount=sha256:nonsense&from=other/x")]
    [InlineData("?mount=sha256:nonsense")]
    [InlineData("?mount=&from=")]
    public async Task Mount_OfSomethingThatIsNoDigest_OpensASession(string query)
    {
        // What can't be mounted is uploaded: "unable to mount the requested blob, it SHOULD return a 202".
        var target = fixture.NewImage();

        using var response = await target.StartUploadAsync(query);

        await AssertSessionAsync(target, response, Oci.RandomBytes(30));
    }

    [Fact]
    public async Task Mount_WithoutCredentials_IsChallengedForBothImages()
    {
        using var response = await fixture.Anonymous.SendRawAsync(
            HttpMethod.Post, $"/v2/team/app/blobs/uploads/?mount={Oci.Digest([1])}&from=other/base", new ByteArrayContent([]));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("repository:team/app:pull,push repository:other/base:pull", Challenge.Of(response).Scope);
    }

    [Fact]
    public async Task Mount_WithATokenForThisImageOnly_IsChallengedForTheSourceAndThenMounts()
    {
        // The conformance programme holds such a token: a session here would count as "mount unsupported".
        var (source, target) = (fixture.NewImage("other"), fixture.NewImage());
        var digest = await source.PushBlobAsync(Oci.RandomBytes(400));
        var query = $"blobs/uploads/?mount={digest}&from={source.Name}";

        using var refused = await PostAsync(target.Url(query), await TokenAsync($"repository:{target.Name}:pull,push"));
        var challenge = Challenge.Of(refused);
        using var mounted = await PostAsync(target.Url(query), await TokenAsync(Uri.EscapeDataString(challenge.Scope!)));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("insufficient_scope", challenge.Error);
        Assert.Equal(HttpStatusCode.Created, mounted.StatusCode);
    }

    [Fact]
    public async Task Mount_WithoutFromWithATokenForThisImageOnly_AsksTheUsersRights()
    {
        var (source, target) = (fixture.NewImage("other"), fixture.NewImage());
        var digest = await source.PushBlobAsync(Oci.RandomBytes(400));

        using var response = await PostAsync(target.Url("blobs/uploads/?mount=" + digest), await TokenAsync($"repository:{target.Name}:pull,push"));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static async Task AssertSessionAsync(RegistryClient target, HttpResponseMessage response, byte[] content)
    {
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("0-0", response.RequireHeader("Range"));
        using (var head = await target.HeadAsync("blobs/" + Oci.Digest(content)))
        {
            Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        }

        using var finish = await target.FinishAsync(response.RequireHeader("Location"), Oci.Digest(content), content);
        Assert.Equal(HttpStatusCode.Created, finish.StatusCode);
    }

    private async Task<string> TokenAsync(string scope)
    {
        using var response = await fixture.Http.GetAsync("/auth/token?service=ncr&scope=" + scope);
        return (await response.ReadJsonAsync()).GetProperty("token").GetString()!;
    }

    private Task<HttpResponseMessage> PostAsync(string url, string token) =>
        fixture.Anonymous.SendRawAsync(HttpMethod.Post, url, new ByteArrayContent([]), ("Authorization", "Bearer " + token));
}
