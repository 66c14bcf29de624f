using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class PingTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Get_WithoutCredentials_ChallengesForABearerToken()
    {
        using var response = await fixture.Anonymous.GetAsync("/v2/");

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal("registry/2.0", response.RequireHeader("Docker-Distribution-API-Version"));
        var challenge = Challenge.Of(response);
        Assert.Equal("Bearer", challenge.Scheme);
        Assert.Equal($"http://{fixture.Server.Host}/auth/token", challenge.Realm);
        Assert.NotEmpty(challenge.Service);
        Assert.Null(challenge.Scope);
        Assert.Null(challenge.Error);
    }

    [Fact]
    public async Task Get_UnderAnotherHostName_NamesThatHostInTheRealm()
    {
        using var response = await fixture.Anonymous.SendRawAsync(HttpMethod.Get, "/v2/", null, ("Host", "registry.example.test:8443"));

        Assert.Equal("http://registry.example.test:8443/auth/token", Challenge.Of(response).Realm);
    }

    [Fact]
    public async Task Get_WithBasic_Answers200()
    {
        using var response = await fixture.Http.GetAsync("/v2/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("registry/2.0", response.RequireHeader("Docker-Distribution-API-Version"));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("{}", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Head_WithBasic_Answers200()
    {
        using var response = await fixture.Http.SendRawAsync(HttpMethod.Head, "/v2/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Get_WithToken_Answers200()
    {
        using var grant = await fixture.Http.GetAsync("/auth/token?service=ncr");
        var token = (await grant.ReadJsonAsync()).GetProperty("token").GetString();

        using var response = await fixture.Anonymous.SendRawAsync(HttpMethod.Get, "/v2/", null, ("Authorization", "Bearer " + token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("Bearer not.a.token")]
    [InlineData("Bearer ")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Digest username=\"x\"")]
    public async Task Get_WithBrokenAuthorization_Answers401(string authorization)
    {
        using var response = await fixture.Anonymous.SendRawAsync(HttpMethod.Get, "/v2/", null, ("Authorization", authorization));

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal("Bearer", Challenge.Of(response).Scheme);
    }

    [Fact]
    public async Task Get_WithWrongSecret_SaysThatAnAccessKeyIsWanted()
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes(fixture.Server.AccessKey + ":wrong"));
        using var client = fixture.Server.CreateClient(authenticated: false);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", basic);

        using var response = await client.GetAsync("/v2/");

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED", "access key");
    }
}
