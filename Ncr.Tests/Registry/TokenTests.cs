using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class TokenTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private NcrServer Server => fixture.Server;

    [Fact]
    public async Task Get_WithAccessKey_GrantsATokenForTwelveHours()
    {
        var before = TimeProvider.System.GetUtcNow();

        var grant = await GrantAsync("repository:team/app:pull");

        Assert.Equal(grant.GetProperty("token").GetString(), grant.GetProperty("access_token").GetString());
        Assert.Equal(43200, grant.GetProperty("expires_in").GetInt32());
        var issued = DateTimeOffset.Parse(grant.GetProperty("issued_at").GetString()!, CultureInfo.InvariantCulture);
        Assert.InRange(issued, before.AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));
        Assert.False(grant.TryGetProperty("refresh_token", out _));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/v2/", Token(grant)));
    }

    [Fact]
    public async Task Get_WithPullScope_LetsPullAndRefusesPush()
    {
        var image = fixture.NewImage();
        var blob = await image.PushBlobAsync(Oci.RandomBytes(10));
        var token = Token(await GrantAsync($"repository:{image.Name}:pull"));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(image.Url("blobs/" + blob), token));

        using var refused = await SendAsync(HttpMethod.Post, image.Url("blobs/uploads/"), token);
        await refused.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        var challenge = Challenge.Of(refused);
        Assert.Equal("insufficient_scope", challenge.Error);
        Assert.Equal($"repository:{image.Name}:pull,push", challenge.Scope);
    }

    [Fact]
    public async Task Get_WithScopeOfAnotherImage_RefusesThisOne()
    {
        var image = fixture.NewImage();
        var blob = await image.PushBlobAsync(Oci.RandomBytes(10));
        var token = Token(await GrantAsync($"repository:{image.Name}-2:pull,push"));

        using var response = await SendAsync(HttpMethod.Get, image.Url("blobs/" + blob), token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("insufficient_scope", Challenge.Of(response).Error);
    }

    [Theory]
    [InlineData("&scope=", "scope parameter each")]
    [InlineData("%20", "one parameter, split at spaces")]
    public async Task Get_WithSeveralScopes_GrantsAll(string separator, string _)
    {
        var (first, second) = (fixture.NewImage(), fixture.NewImage("other"));
        var token = Token(await GrantAsync($"repository:{first.Name}:pull,push{separator}repository:{second.Name}:pull,push"));

        foreach (var image in new[] { first, second })
        {
            using var response = await SendAsync(HttpMethod.Post, image.Url("blobs/uploads/"), token);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }
    }

    [Fact]
    public async Task Get_WithStarAsAction_GrantsPullPushAndDelete()
    {
        var image = fixture.NewImage();
        var blob = await image.PushBlobAsync(Oci.RandomBytes(10));
        var token = Token(await GrantAsync($"repository:{image.Name}:*"));

        using var push = await SendAsync(HttpMethod.Post, image.Url("blobs/uploads/"), token);
        using var delete = await SendAsync(HttpMethod.Delete, image.Url("blobs/" + blob), token);

        Assert.Equal(HttpStatusCode.Accepted, push.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);
    }

    [Theory]
    [InlineData("pull")]
    [InlineData("pull,push")]
    public async Task Get_WithoutDeleteScope_RefusesDelete(string actions)
    {
        var image = fixture.NewImage();
        var blob = await image.PushBlobAsync(Oci.RandomBytes(10));
        var token = Token(await GrantAsync($"repository:{image.Name}:{actions}"));

        using var response = await SendAsync(HttpMethod.Delete, image.Url("blobs/" + blob), token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("insufficient_scope", Challenge.Of(response).Error);
        Assert.Equal($"repository:{image.Name}:delete", Challenge.Of(response).Scope);
    }

    [Fact]
    public async Task Get_WithUnknownKindOfScope_IgnoresIt()
    {
        var grant = await GrantAsync("plugin:team/app:pull&scope=nonsense");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/v2/", Token(grant)));
    }

    [Theory]
    [InlineData("GET", "manifests/latest", "pull")]
    [InlineData("HEAD", "manifests/latest", "pull")]
    [InlineData("GET", "tags/list", "pull")]
    [InlineData("GET", "referrers/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "pull")]
    [InlineData("GET", "blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "pull")]
    [InlineData("PUT", "manifests/latest", "pull,push")]
    [InlineData("POST", "blobs/uploads/", "pull,push")]
    [InlineData("PATCH", "blobs/uploads/0197b9a3-6f3e-7c5b-8d55-0b1f6a1c2d3e", "pull,push")]
    [InlineData("GET", "blobs/uploads/0197b9a3-6f3e-7c5b-8d55-0b1f6a1c2d3e", "pull,push")]
    [InlineData("DELETE", "manifests/latest", "delete")]
    [InlineData("DELETE", "blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "delete")]
    public async Task Request_WithoutCredentials_IsChallengedForItsScope(string method, string rest, string actions)
    {
        using var response = await fixture.Anonymous.SendRawAsync(new HttpMethod(method), "/v2/team/app/" + rest);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var challenge = Challenge.Of(response);
        Assert.Equal("Bearer", challenge.Scheme);
        Assert.Equal("repository:team/app:" + actions, challenge.Scope);
        Assert.Null(challenge.Error);
    }

    [Fact]
    public async Task Request_ForTheCatalogWithoutCredentials_IsChallengedForTheCatalog()
    {
        using var response = await fixture.Anonymous.GetAsync("/v2/_catalog");

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal("registry:catalog:*", Challenge.Of(response).Scope);
    }

    [Fact]
    public async Task Get_WithOfflineToken_GivesARefreshTokenThatBuysTokens()
    {
        var image = fixture.NewImage();
        using var first = await fixture.Http.GetAsync("/auth/token?service=ncr&account=a&client_id=docker&offline_token=true");
        var refresh = (await first.ReadJsonAsync()).GetProperty("refresh_token").GetString()!;

        using var second = await PostAsync(("grant_type", "refresh_token"), ("refresh_token", refresh), ("service", "ncr"), ("client_id", "docker"), ("scope", $"repository:{image.Name}:pull,push"));

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        var grant = await second.ReadJsonAsync();
        Assert.Equal(43200, grant.GetProperty("expires_in").GetInt32());
        using var push = await SendAsync(HttpMethod.Post, image.Url("blobs/uploads/"), grant.GetProperty("access_token").GetString()!);
        Assert.Equal(HttpStatusCode.Accepted, push.StatusCode);
    }

    [Fact]
    public async Task RefreshToken_UsedAsABearerToken_IsRefused()
    {
        using var grant = await fixture.Http.GetAsync("/auth/token?service=ncr&offline_token=true");
        var refresh = (await grant.ReadJsonAsync()).GetProperty("refresh_token").GetString()!;

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/v2/", refresh));
    }

    [Fact]
    public async Task Post_WithPasswordGrant_GrantsTheScopeAsked()
    {
        var image = fixture.NewImage();
        var scope = $"repository:{image.Name}:pull,push";

        using var response = await PostAsync(("grant_type", "password"), ("service", "ncr"), ("client_id", "docker"), ("scope", scope), ("username", Server.AccessKey), ("password", Server.SecretKey));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var grant = await response.ReadJsonAsync();
        Assert.Equal(scope, grant.GetProperty("scope").GetString());
        Assert.Equal(43200, grant.GetProperty("expires_in").GetInt32());
        Assert.True(grant.TryGetProperty("issued_at", out _));
        Assert.False(grant.TryGetProperty("refresh_token", out _));
        using var push = await SendAsync(HttpMethod.Post, image.Url("blobs/uploads/"), grant.GetProperty("access_token").GetString()!);
        Assert.Equal(HttpStatusCode.Accepted, push.StatusCode);
    }

    [Fact]
    public async Task Post_WithSeveralScopesInOneField_GrantsAll()
    {
        var (first, second) = (fixture.NewImage(), fixture.NewImage("other"));
        using var response = await PostAsync(("grant_type", "password"), ("service", "ncr"), ("client_id", "docker"), ("username", Server.AccessKey), ("password", Server.SecretKey),
            ("scope", $"repository:{first.Name}:pull,push repository:{second.Name}:pull,push"));
        var token = (await response.ReadJsonAsync()).GetProperty("access_token").GetString()!;

        foreach (var image in new[] { first, second })
        {
            using var push = await SendAsync(HttpMethod.Post, image.Url("blobs/uploads/"), token);
            Assert.Equal(HttpStatusCode.Accepted, push.StatusCode);
        }
    }

    [Fact]
    public async Task Post_WithOfflineAccess_GivesARefreshToken()
    {
        using var response = await PostAsync(("grant_type", "password"), ("service", "ncr"), ("client_id", "docker"), ("access_type", "offline"), ("username", Server.AccessKey), ("password", Server.SecretKey));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEmpty((await response.ReadJsonAsync()).GetProperty("refresh_token").GetString()!);
    }

    [Fact]
    public async Task Post_WithUnknownGrantType_Answers400()
    {
        using var response = await PostAsync(("grant_type", "authorization_code"), ("service", "ncr"), ("client_id", "docker"));

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "UNSUPPORTED", "grant_type");
    }

    [Fact]
    public async Task Get_WithoutCredentials_Answers401()
    {
        using var response = await fixture.Anonymous.GetAsync("/auth/token?service=ncr&scope=repository:team/app:pull");

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Get_WithWrongSecret_SaysThatAnAccessKeyIsWanted()
    {
        using var response = await GetTokenAsync(Server.AccessKey, "wrong");

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED", "access key");
    }

    [Fact]
    public async Task Post_WithWrongSecret_SaysThatAnAccessKeyIsWanted()
    {
        using var response = await PostAsync(("grant_type", "password"), ("service", "ncr"), ("client_id", "docker"), ("username", Server.AccessKey), ("password", "wrong"));

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED", "access key");
    }

    [Fact]
    public async Task Post_WithUnknownRefreshToken_Answers401()
    {
        using var response = await PostAsync(("grant_type", "refresh_token"), ("refresh_token", "made-up"), ("service", "ncr"), ("client_id", "docker"));

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Token_Tampered_IsRefused()
    {
        var token = Token(await GrantAsync("repository:team/app:pull"));
        var middle = token.Length / 2;
        var tampered = token[..middle] + (token[middle] == 'A' ? 'B' : 'A') + token[(middle + 1)..];

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/v2/", tampered));
    }

    [Fact]
    public async Task Key_Deleted_EndsTokenRefreshTokenAndBasicAtOnce()
    {
        var (key, secret) = await Server.CreateAccessKeyAsync();
        var (token, refresh) = await LogInAsync(key, secret);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/v2/", token));

        await Server.DeleteAccessKeyAsync(key);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/v2/", token));
        using var renewed = await PostAsync(("grant_type", "refresh_token"), ("refresh_token", refresh), ("service", "ncr"), ("client_id", "docker"));
        await renewed.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        using var basic = await GetTokenAsync(key, secret);
        await basic.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED", "access key");
        using var ping = await fixture.Anonymous.SendRawAsync(HttpMethod.Get, "/v2/", null, ("Authorization", Basic(key, secret)));
        await ping.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED", "access key");
    }

    [Fact]
    public async Task Key_Disabled_EndsItsTokensUntilEnabledAgain()
    {
        var (key, secret) = await Server.CreateAccessKeyAsync();
        var (token, refresh) = await LogInAsync(key, secret);

        await Server.SetAccessKeyEnabledAsync(key, false);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/v2/", token));
        using (var renewed = await PostAsync(("grant_type", "refresh_token"), ("refresh_token", refresh), ("service", "ncr"), ("client_id", "docker")))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, renewed.StatusCode);
        }

        await Server.SetAccessKeyEnabledAsync(key, true);
        using var again = await GetTokenAsync(key, secret);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/v2/", Token(await again.ReadJsonAsync())));
    }

    [Fact]
    public async Task Key_DisabledDuringAPush_EndsThePush()
    {
        var (key, secret) = await Server.CreateAccessKeyAsync();
        var image = fixture.NewImage();
        using var grant = await GetTokenAsync(key, secret, $"repository:{image.Name}:pull,push");
        var token = Token(await grant.ReadJsonAsync());
        using var opened = await SendAsync(HttpMethod.Post, image.Url("blobs/uploads/"), token);
        var location = opened.RequireHeader("Location");

        await Server.SetAccessKeyEnabledAsync(key, false);

        using var patch = await SendAsync(HttpMethod.Patch, location, token);
        await patch.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Token_AfterARestart_StillWorks()
    {
        var token = Token(await GrantAsync("repository:team/app:pull"));

        await Server.RestartAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/v2/", token));
    }

    private static string Token(JsonElement grant) => grant.GetProperty("token").GetString()!;

    private static string Basic(string key, string secret) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key}:{secret}"));

    private async Task<JsonElement> GrantAsync(string scope)
    {
        using var response = await GetTokenAsync(Server.AccessKey, Server.SecretKey, scope);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return await response.ReadJsonAsync();
    }

    private Task<HttpResponseMessage> GetTokenAsync(string key, string secret, string scope = "repository:team/app:pull") =>
        fixture.Anonymous.SendRawAsync(HttpMethod.Get, "/auth/token?service=ncr&scope=" + scope, null, ("Authorization", Basic(key, secret)));

    private Task<HttpResponseMessage> PostAsync(params (string Key, string Value)[] form) =>
        fixture.Anonymous.PostAsync("/auth/token", new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Key, f.Value))));

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string url, string token) =>
        fixture.Anonymous.SendRawAsync(method, url, method == HttpMethod.Get ? null : new ByteArrayContent([]), ("Authorization", "Bearer " + token));

    private async Task<HttpStatusCode> StatusAsync(string url, string token)
    {
        using var response = await SendAsync(HttpMethod.Get, url, token);
        return response.StatusCode;
    }

    private async Task<(string Token, string Refresh)> LogInAsync(string key, string secret)
    {
        using var response = await PostAsync(("grant_type", "password"), ("service", "ncr"), ("client_id", "docker"), ("access_type", "offline"), ("username", key), ("password", secret));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var grant = await response.ReadJsonAsync();
        return (grant.GetProperty("access_token").GetString()!, grant.GetProperty("refresh_token").GetString()!);
    }

    [Theory]
    [InlineData("multipart/form-data", "x")]
    [InlineData("application/x-www-form-urlencoded", null)]
    public async Task Post_OfAFormThatCannotBeRead_Answers400(string contentType, string? body)
    {
        using var content = new StringContent(body ?? string.Join('&', Enumerable.Range(0, 2000).Select(i => $"k{i}=v")));
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        using var response = await fixture.Anonymous.PostAsync(new Uri("auth/token", UriKind.Relative), content);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "UNSUPPORTED");
    }
}
