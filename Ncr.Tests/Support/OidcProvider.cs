using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ncr.Tests.Support;

/// <summary>
/// A small OpenID Connect provider on a port of its own, which signs in whoever <see cref="User"/> says, without asking. It checks what a real one checks (client, secret, redirect address,
/// PKCE, a code once), and can be told to lie in each way that a client must notice.
/// </summary>
public sealed class OidcProvider : IAsyncDisposable
{
    public const string ClientId = "ncr";
    public const string Secret = "a-client-secret-of-the-tests";

    private readonly Dictionary<string, Grant> _grants = [];
    private readonly Dictionary<string, string> _tokens = [];
    private readonly WebApplication _app;
    private RSA _key = RSA.Create(2048);
    private string _keyId = "key-1";
    private int _count;

    private OidcProvider(WebApplication app, int port)
    {
        _app = app;
        Issuer = $"http://127.0.0.1:{port}/realms/main";
        app.MapGet("/realms/main/.well-known/openid-configuration", () => Results.Json(Discovery()));
        app.MapGet("/realms/main/keys", () => Results.Json(new { keys = PublishedKey() }));
        app.MapGet("/realms/main/authorize", Authorize);
        app.MapPost("/realms/main/token", TokenAsync);
        app.MapGet("/realms/main/userinfo", UserInfo);
    }

    public string Issuer { get; }

    /// <summary>Claims of who signs in; without <c>sub</c> nobody does, and the provider says that access was denied.</summary>
    public Dictionary<string, object> User { get; set; } = [];

    /// <summary>What only the userinfo endpoint tells.</summary>
    public Dictionary<string, object> UserInfoOnly { get; set; } = [];

    /// <summary>The last word on the claims of the token.</summary>
    public Action<Dictionary<string, object>> Change { get; set; } = _ => { };

    /// <summary>How the token is signed: <c>RS256</c>, <c>HS256</c> with the client's secret, <c>none</c>, or <c>RS256 without</c>, which only says so.</summary>
    public string Algorithm { get; set; } = "RS256";

    /// <summary>Whether the token is signed by a key that is not published under its name.</summary>
    public bool SignsWithAnotherKey { get; set; }

    /// <summary>Whether the answer to the code is an error of the provider.</summary>
    public bool IsBroken { get; set; }

    /// <summary>What the last request for authorisation asked.</summary>
    public IReadOnlyDictionary<string, string> LastRequest { get; private set; } = new Dictionary<string, string>();

    /// <summary>Codes that were exchanged for a token.</summary>
    public int Exchanges { get; private set; }

    /// <summary>All tokens it gave, the signed ones without their signature.</summary>
    public ICollection<string> Given { get; } = [];

    public static async Task<OidcProvider> StartAsync()
    {
        var port = Ports.Free();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        var provider = new OidcProvider(builder.Build(), port);
        await provider._app.StartAsync();
        return provider;
    }

    /// <summary>Signs with a new key from now on, and publishes that one alone.</summary>
    public void Rotate()
    {
        _key.Dispose();
        _key = RSA.Create(2048);
        _keyId = $"key-{Guid.NewGuid():n}";
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private object Discovery() => new
    {
        issuer = Issuer,
        authorization_endpoint = $"{Issuer}/authorize",
        token_endpoint = $"{Issuer}/token",
        userinfo_endpoint = $"{Issuer}/userinfo",
        jwks_uri = $"{Issuer}/keys",
        response_types_supported = new[] { "code" },
        subject_types_supported = new[] { "public" },
        id_token_signing_alg_values_supported = new[] { "RS256" },
        code_challenge_methods_supported = new[] { "S256" },
    };

    private object[] PublishedKey()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return [new { kty = "RSA", use = "sig", alg = "RS256", kid = _keyId, n = Encode(key.Modulus!), e = Encode(key.Exponent!) }];
    }

    private IResult Authorize(HttpRequest request)
    {
        var query = request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        LastRequest = query;
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || query["code_challenge"].Length < 43 || !query["scope"].Split(' ').Contains("openid"))
        {
            return Results.BadRequest("The request is not one of this client, or is not safe.");
        }

        var answer = new Dictionary<string, string?> { ["state"] = query["state"] };
        if (User.ContainsKey("sub"))
        {
            var code = $"code-{++_count}-{Guid.NewGuid():n}";
            _grants[code] = new Grant(query["redirect_uri"], query["code_challenge"], query.GetValueOrDefault("nonce"));
            answer["code"] = code;
        }
        else
        {
            answer["error"] = "access_denied";
            answer["error_description"] = "The <b>user</b> said no.";
        }

        return Results.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"], answer));
    }

    private async Task<IResult> TokenAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (IsBroken)
        {
            return Results.StatusCode(StatusCodes.Status500InternalServerError);
        }

        if (form["client_id"] != ClientId || form["client_secret"] != Secret)
        {
            return Results.Json(new { error = "invalid_client" }, statusCode: StatusCodes.Status401Unauthorized);
        }

        var challenge = Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (form["grant_type"] != "authorization_code" || !_grants.Remove(form["code"].ToString(), out var grant) || grant.RedirectUri != form["redirect_uri"] || grant.Challenge != challenge)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        Exchanges++;
        var access = Guid.NewGuid().ToString("n");
        _tokens[access] = (string)User["sub"];
        Given.Add(access);
        return Results.Json(new { access_token = access, token_type = "Bearer", expires_in = 60, id_token = IdToken(grant) });
    }

    private IResult UserInfo(HttpRequest request)
    {
        if (!_tokens.TryGetValue(request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal), out var subject))
        {
            return Results.Unauthorized();
        }

        return Results.Json(new Dictionary<string, object>(UserInfoOnly) { ["sub"] = subject });
    }

    private string IdToken(Grant grant)
    {
        var now = TimeProvider.System.GetUtcNow();
        var claims = new Dictionary<string, object>(User)
        {
            ["iss"] = Issuer,
            ["aud"] = ClientId,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        if (grant.Nonce is not null)
        {
            claims["nonce"] = grant.Nonce;
        }

        Change(claims);
        var signed = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(new { alg = Algorithm.Split(' ')[0], typ = "JWT", kid = _keyId }))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        Given.Add(signed);
        return $"{signed}.{Encode(Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private byte[] Sign(byte[] data)
    {
        if (Algorithm != "RS256")
        {
            return Algorithm == "HS256" ? HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), data) : [];
        }

        using var other = RSA.Create(2048);
        return (SignsWithAnotherKey ? other : _key).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static string Encode(byte[] bytes) => WebEncoders.Base64UrlEncode(bytes);

    private sealed record Grant(string RedirectUri, string Challenge, string? Nonce);
}
