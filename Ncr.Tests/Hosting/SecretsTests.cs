using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Hosting;

/// <summary>Secrets of every kind are used as clients use them, rightly and wrongly, and then looked for: in the log, in answers, and in what is stored.</summary>
public sealed class SecretsTests : IAsyncLifetime, IDisposable
{
    private readonly LogCapture _log = new();
    private readonly List<(string Request, string Answer)> _answers = [];
    private readonly List<Secret> _secrets = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-secrets-").FullName;
    private OidcProvider _provider = null!;

    public async Task InitializeAsync() => _provider = await OidcProvider.StartAsync();

    public async Task DisposeAsync()
    {
        await _provider.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("Information")]
    [InlineData("Debug")]
    [InlineData("Trace")]
    public async Task Secrets_AreNowhere_HoweverMuchIsLogged(string? level)
    {
        var (password, secretKey, metrics) = (Plant("password"), Plant("secret key"), Plant("metrics token"));
        var certificate = Plant("certificate password");
        _secrets.Add(new Secret("client secret", OidcProvider.Secret));
        await using var server = await NcrServer.StartAsync(
            settings =>
            {
                Say(settings, level);
                settings["Ncr:Setup:Password"] = password;
                settings["Ncr:Setup:SecretKey"] = secretKey;
                settings["Ncr:Metrics:Token"] = metrics;
                settings["Ncr:Https:CertificatePath"] = WriteCertificate(certificate);
                settings["Ncr:Https:Password"] = certificate;
                settings["Ncr:Oidc:Authority"] = _provider.Issuer;
                settings["Ncr:Oidc:ClientId"] = OidcProvider.ClientId;
                settings["Ncr:Oidc:ClientSecret"] = OidcProvider.Secret;
            },
            log: _log);

        await UseConsoleAsync(server, password);
        await UseLinkAsync(server);
        await UseProviderAsync(server);
        await UseKeyAsync(server, server.AccessKey, secretKey);
        var (key, made) = await server.CreateAccessKeyAsync();
        _secrets.Add(new Secret("secret of a new key", made));
        await UseKeyAsync(server, key, made);
        await UseMetricsAsync(server, metrics);
        await SendBrokenRequestsAsync(server, secretKey);

        await AssertNowhereAsync(server);
        Assert.True(level is not ("Debug" or "Trace") || _log.Text.Contains($"{level} Microsoft.AspNetCore", StringComparison.Ordinal), "The log is not as talkative as it was told to be.");
        Assert.Contains("/v2/team/", _log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Trace")]
    public async Task SetupCode_IsWhereItIsAnnounced_AndNowhereElse(string? level)
    {
        var password = Plant("password");
        await using var server = await NcrServer.StartAsync(
            settings =>
            {
                Say(settings, level);
                settings["Ncr:Setup:User"] = null;
            },
            log: _log);
        var code = server.Services.GetRequiredService<SetupService>().Code;
        _secrets.Add(new Secret("set-up code", code));
        using var browser = NewBrowser(server);

        await browser.PostFormAsync(ConsoleUrls.SetupWith(code), ConsoleUrls.SetupWith("wrong" + code), SetupForm(password));
        await browser.PostFormAsync(ConsoleUrls.SetupWith(code), ConsoleUrls.SetupWith(code), SetupForm(password, repeat: "another" + password));
        AssertLedToTheConsole(await browser.PostFormAsync(ConsoleUrls.SetupWith(code), ConsoleUrls.SetupWith(code), SetupForm(password)));

        await AssertNowhereAsync(server, line => line.Contains("Not set up yet. Open ", StringComparison.Ordinal));
        Assert.Contains(code, _log.Text, StringComparison.Ordinal); // The announcement itself.
    }

    /// <summary>Else the tests above would find nothing whatever there was.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("xy")]
    public void Secret_IsFound_InAnyForm(string before)
    {
        var value = Secret.New();
        var secret = new Secret("any", value);

        Assert.True(secret.IsIn($"before {value} after"));
        Assert.True(secret.IsIn(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{before}{value}:after"))));
        Assert.True(secret.IsIn(Uri.EscapeDataString($"{before}={value}&")));
        Assert.False(secret.IsIn($"before {Secret.New()} after"));
    }

    private async Task UseConsoleAsync(NcrServer server, string password)
    {
        using var browser = NewBrowser(server);
        Assert.Null(await SignInAsync(browser, server.UserName, "wrong" + password));
        AssertLedToTheConsole(await SignInAsync(browser, server.UserName, password));
        Keep("session", browser);
        foreach (var page in new[] { ConsoleUrls.Overview, ConsoleUrls.Account, ConsoleUrls.AccessKeys, ConsoleUrls.Users, ConsoleUrls.AuditExportPath + "/csv", "/nosuch" })
        {
            using var answer = await browser.GetAsync(page);
        }

        var next = Plant("next password");
        Assert.Null(await browser.PostFormAsync(ConsoleUrls.Account, ConsoleUrls.Account, AccountForm("wrong" + password, next, next)));
        Assert.Null(await browser.PostFormAsync(ConsoleUrls.Account, ConsoleUrls.Account, AccountForm(password, next, "another" + next)));
        Assert.NotNull(await browser.PostFormAsync(ConsoleUrls.Account, ConsoleUrls.Account, AccountForm(password, next, next)));
        Assert.NotNull(await browser.PostFormAsync(ConsoleUrls.Account, ConsoleUrls.SignOut, []));
    }

    private async Task UseLinkAsync(NcrServer server)
    {
        var link = await server.Services.GetRequiredService<UserAdministration>().CreateAsync(server.Administrator, "lea", Role.ServiceViewer, CancellationToken.None);
        _secrets.Add(new Secret("one-time link", link.Code));
        var password = Plant("password by a link");
        var (url, wrong) = (ConsoleUrls.PasswordWith("lea", link.Code), ConsoleUrls.PasswordWith("lea", "wrong" + link.Code));
        using var browser = NewBrowser(server);
        using var refused = await browser.GetAsync(wrong);
        Assert.Null(await browser.PostFormAsync(url, wrong, PasswordForm(password, password)));
        Assert.Null(await browser.PostFormAsync(url, url, PasswordForm(password, "another" + password)));
        AssertLedToTheConsole(await browser.PostFormAsync(url, url, PasswordForm(password, password)));
        using var used = await browser.GetAsync(url);
        Keep("session by a link", browser);
    }

    private async Task UseProviderAsync(NcrServer server)
    {
        foreach (var secret in new[] { OidcProvider.Secret, "another secret" })
        {
            _provider.User = new() { ["sub"] = "subject", ["preferred_username"] = "ann" };
            _provider.Change = claims => claims["aud"] = secret == OidcProvider.Secret ? OidcProvider.ClientId : "another-client"; // The second time the token is for somebody else.
            using var browser = NewBrowser(server);
            var url = ConsoleUrls.OidcSignIn;
            while (url.Contains("/sign-in/oidc", StringComparison.Ordinal) || url.Contains("/authorize", StringComparison.Ordinal))
            {
                using var answer = await browser.GetAsync(url);
                url = answer.Headers.Location!.ToString();
                if (url.Contains("code=code-", StringComparison.Ordinal))
                {
                    _secrets.Add(new Secret("code of the provider", url[(url.IndexOf("code=", StringComparison.Ordinal) + 5)..].Split('&')[0]));
                }
            }
        }

        foreach (var token in _provider.Given)
        {
            _secrets.Add(new Secret("token of the provider", token.Split('.')[^1]));
        }
    }

    private async Task UseKeyAsync(NcrServer server, string key, string secret)
    {
        using var http = NewClient(server);
        foreach (var sent in new[] { secret, "wrong" + secret, secret + "wrong" })
        {
            var basic = ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key}:{sent}")));
            using var ping = await http.SendRawAsync(HttpMethod.Get, "/v2/", null, basic);
            using var page = await http.SendRawAsync(HttpMethod.Get, ConsoleUrls.Overview, null, basic);
            using var list = await http.SendRawAsync(HttpMethod.Get, "/v2/team/none/tags/list", null, basic);
            using var token = await http.SendRawAsync(HttpMethod.Get, "/auth/token?service=ncr&scope=repository:team/app:pull&offline_token=true", null, basic);
            using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "password", ["username"] = key, ["password"] = sent, ["access_type"] = "offline" });
            using var grant = await http.SendRawAsync(HttpMethod.Post, "/auth/token", form);
            using var inQuery = await http.SendRawAsync(HttpMethod.Get, $"/auth/token?account={key}&password={sent}");
            if (grant.IsSuccessStatusCode)
            {
                var body = await grant.ReadJsonAsync();
                await UseTokensAsync(http, body.GetProperty("token").GetString()!, body.GetProperty("refresh_token").GetString()!);
            }
        }
    }

    private async Task UseTokensAsync(HttpClient http, string access, string refresh)
    {
        _secrets.Add(new Secret("access token", access));
        _secrets.Add(new Secret("refresh token", refresh));
        foreach (var (token, again) in new[] { (access, refresh), (access + "wrong", refresh + "wrong"), (refresh, access) })
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = again });
            using var renewed = await http.SendRawAsync(HttpMethod.Post, "/auth/token", form);
            using var pull = await http.SendRawAsync(HttpMethod.Get, "/v2/team/app/manifests/v1", null, ("Authorization", $"Bearer {token}"));
            using var inQuery = await http.SendRawAsync(HttpMethod.Get, $"/v2/team/app/manifests/v1?access_token={token}");
        }
    }

    private async Task UseMetricsAsync(NcrServer server, string token)
    {
        using var http = NewClient(server);
        foreach (var sent in new[] { token, "wrong" + token })
        {
            using var answer = await http.SendRawAsync(HttpMethod.Get, "/metrics", null, ("Authorization", $"Bearer {sent}"));
            using var inQuery = await http.SendRawAsync(HttpMethod.Get, $"/metrics?token={sent}");
        }
    }

    /// <summary>Requests that Kestrel refuses before anything of ours sees them.</summary>
    private static async Task SendBrokenRequestsAsync(NcrServer server, string secret)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"key:{secret}"));
        foreach (var request in new[]
        {
            $"GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization : Basic {basic}\r\n\r\n",
            $"GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: {secret}\r\nBroken\r\n\r\n",
            $"GET /v2/ HTTP/1.1\r\nHost: x\r\nBearer {secret}\r\n\r\n",
            $"GET /auth/token?password={secret} HTTP/9.9\r\nHost: x\r\n\r\n",
            $"GET /auth/token?password={secret}\0 HTTP/1.1\r\nHost: x\r\n\r\n",
            $"Bearer {secret}\r\n\r\n",
            $"POST /auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: {secret}\r\n\r\n",
            $"GET /v2/ HTTP/1.1\r\nHost: {secret}@x/\r\n\r\n",
        })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(server.Url.Host, server.Url.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
            await Record.ExceptionAsync(() => client.GetStream().CopyToAsync(Stream.Null)); // Until the server has hung up, in whatever way.
        }
    }

    private async Task AssertNowhereAsync(NcrServer server, Func<string, bool>? isAnnounced = null)
    {
        // By another process: SQLite's locks end when any part of this one closes the file.
        var copy = Path.Combine(_folder, "copy");
        await new Cli("cp").RunAsync("-r", server.DataFolder, copy);
        var places = Stored(copy, "while it ran");
        await server.StopAsync();
        places.AddRange(Stored(server.DataFolder, "stopped"));
        places.AddRange(_log.Text.Split('\n').Where(l => isAnnounced?.Invoke(l) != true).Select(l => ("the log", l)));

        // Who asks the token service for a token gets one. What the provider answers is not this server's.
        places.AddRange(_answers.Where(a => a.Request.Contains(server.Url.ToString(), StringComparison.Ordinal) && (!a.Request.Contains("/auth/token", StringComparison.Ordinal) || !a.Answer.Contains("\"token\":", StringComparison.Ordinal)))
            .Select(a => ($"the answer to {a.Request}", a.Answer)));

        Assert.Contains(places, p => p.Place.StartsWith("ncr.db", StringComparison.Ordinal) && p.Text.Contains(EventTypes.UserCreated, StringComparison.Ordinal)); // It does look into the database.
        var found = places.SelectMany(p => _secrets.Where(s => s.IsIn(p.Text) && !IsOwnAddress(p.Place, s)).Select(s => $"{s.Name} in {p.Place}{(p.Place == "the log" ? ": " + p.Text : "")}")).Distinct().ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>The page that a link leads to sends its form to the same link: it tells nobody what they did not know.</summary>
    private static bool IsOwnAddress(string place, Secret secret) =>
        secret.IsIn(place) && (place.Contains(ConsoleUrls.Password + "?", StringComparison.Ordinal) || place.Contains(ConsoleUrls.Setup + "?", StringComparison.Ordinal));

    /// <summary>All that is in the data folder but the keys, which are there to be secret.</summary>
    private static List<(string Place, string Text)> Stored(string folder, string when)
    {
        var files = new List<(string, string)>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path);
            if (name.StartsWith("keys" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                continue;
            }

            files.Add(($"{name}, {when}", Encoding.Latin1.GetString(File.ReadAllBytes(path))));
        }

        return files;
    }

    private static void Say(Dictionary<string, string?> settings, string? level)
    {
        // By default, as appsettings.json has it. The output is left alone: it would be that of all tests.
        settings["Logging:Console:LogLevel:Default"] = "None";
        settings["Ncr:Logging:Requests"] = "All";
        settings.Remove("Logging:LogLevel:Default");
        settings.Remove("Logging:LogLevel:Microsoft.AspNetCore");
        foreach (var category in level is null ? [] : new[]
        {
            "Default", "Microsoft.AspNetCore", "Microsoft.AspNetCore.Authentication.OpenIdConnect", "Microsoft.AspNetCore.DataProtection", "Microsoft.AspNetCore.Hosting.Diagnostics",
            "Microsoft.AspNetCore.Server.Kestrel.BadRequests", "Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", "Microsoft.EntityFrameworkCore", "Microsoft.Hosting.Lifetime", "System.Net.Http",
        })
        {
            settings[$"Logging:LogLevel:{category}"] = level;
        }
    }

    private string Plant(string name)
    {
        var value = Secret.New();
        _secrets.Add(new Secret(name, value));
        return value;
    }

    private void Keep(string name, ConsoleClient browser) =>
        _secrets.Add(new Secret(name, browser.Cookies.Split("; ").Single(c => c.StartsWith("ncr-session=", StringComparison.Ordinal))["ncr-session=".Length..]));

    private ConsoleClient NewBrowser(NcrServer server) => new(server.Url, around: new AnswerRecorder(_answers));

    private HttpClient NewClient(NcrServer server) =>
        new(new AnswerRecorder(_answers) { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false } }) { BaseAddress = server.Url };

    private static void AssertLedToTheConsole(string? location) => Assert.EndsWith(ConsoleUrls.Overview, location, StringComparison.Ordinal);

    private static Task<string?> SignInAsync(ConsoleClient browser, string user, string password) =>
        browser.PostFormAsync(ConsoleUrls.SignIn, ConsoleUrls.SignIn, new() { ["Input.User"] = user, ["Input.Password"] = password });

    private static Dictionary<string, string> SetupForm(string password, string? repeat = null) => new() { ["Input.User"] = "ann", ["Input.Password"] = password, ["Input.Repeat"] = repeat ?? password };

    private static Dictionary<string, string> AccountForm(string present, string password, string repeat) =>
        new() { ["_handler"] = "change-password", ["Input.Present"] = present, ["Input.Password"] = password, ["Input.Repeat"] = repeat };

    private static Dictionary<string, string> PasswordForm(string password, string repeat) => new() { ["Input.Password"] = password, ["Input.Repeat"] = repeat };

    private string WriteCertificate(string password)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var path = Path.Combine(_folder, "certificate.pfx");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12, password));
        return path;
    }
}
