using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Paging;
using Ncr.Core.Sessions;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Access;

/// <summary>Signing in at a provider, over HTTP as a browser does it.</summary>
public sealed class OidcTests : IAsyncLifetime
{
    private OidcProvider _provider = null!;
    private NcrServer _server = null!;

    private UserAdministration Administration => _server.Services.GetRequiredService<UserAdministration>();

    private MemberService Members => _server.Services.GetRequiredService<MemberService>();

    public async Task InitializeAsync()
    {
        _provider = await OidcProvider.StartAsync();
        _server = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task SignIn_MakesTheUser_WithTheRolesOfTheGroups_AndSetsThemAnewEachTime()
    {
        _provider.User = Person("ann", "ncr-devs", "team-a");
        using var http = new ConsoleClient(_server);
        Assert.Equal("/registries?q=a", await SignInAsync(http, "/registries?q=a"));
        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(ConsoleUrls.Account));
        var ann = await FindAsync("ann");
        Assert.Equal((Role.ServiceViewer, true, false), (ann!.Role, ann.IsExternal, ann.HasPassword));
        Assert.Equal(Role.ImageUploader, Assert.Single(await Members.ListAsync(_server.Administrator, "team", default)).Role);
        Assert.Equal(SessionOrigin.OpenIdConnect, Assert.Single(await _server.Services.GetRequiredService<SessionService>().ListOfAsync(_server.Administrator, ann.Id, null, default)).Origin);

        await Members.SetAsync(_server.Administrator, "other", "ann", Role.ServiceViewer, default); // By hand.
        _provider.User = Person("renamed", "ncr-devs", "ncr-leads");
        _provider.User["sub"] = "subject-of-ann";
        Assert.Equal(ConsoleUrls.Overview, await SignInAsync(http));

        var again = await FindAsync("ann");
        Assert.Equal((ann.Id, Role.ServiceAdmin), (again!.Id, again.Role));
        Assert.Null(await FindAsync("renamed"));
        Assert.Empty(await Members.ListAsync(_server.Administrator, "team", default));
        Assert.Single(await Members.ListAsync(_server.Administrator, "other", default));
        Assert.Equal(2, (await _server.Services.GetRequiredService<SessionService>().ListOfAsync(_server.Administrator, ann.Id, null, default)).Count);
        Assert.Equal("S256", _provider.LastRequest["code_challenge_method"]);
        Assert.Equal("query", _provider.LastRequest.GetValueOrDefault("response_mode", "query"));
    }

    [Fact]
    public async Task SignIn_WithGroupsFromUserInfo_CountsThem()
    {
        _provider.User = new() { ["sub"] = "subject-of-uma" };
        _provider.UserInfoOnly = new() { ["preferred_username"] = "uma", ["groups"] = new[] { "ncr-leads", "others" } };
        using var http = new ConsoleClient(_server);

        Assert.Equal(ConsoleUrls.Overview, await SignInAsync(http));

        Assert.Equal(Role.ServiceAdmin, (await FindAsync("uma"))!.Role);
    }

    [Fact]
    public async Task SignIn_OfWhoIsInNoGroup_IsRefused_AndLeavingAllGroupsTakesEverything()
    {
        _provider.User = Person("nobody", "strangers");
        using var http = new ConsoleClient(_server);
        Assert.Contains("none of the groups", await RefusedAsync(http), StringComparison.Ordinal);
        Assert.Null(await FindAsync("nobody"));

        _provider.User = Person("lea", "ncr-leads", "team-a");
        await SignInAsync(http);
        var lea = (await FindAsync("lea"))!;
        using var other = new ConsoleClient(_server);
        _provider.User = Person("lea");

        Assert.Contains("none of the groups", await RefusedAsync(other), StringComparison.Ordinal);

        Assert.Equal(Role.None, (await FindAsync("lea"))!.Role);
        Assert.Empty(await Members.ListAsync(_server.Administrator, "team", default));
        Assert.Equal(HttpStatusCode.Redirect, await http.StatusAsync(ConsoleUrls.Account)); // The open session too.
        Assert.Equal(lea.Id, (await FindAsync("lea"))!.Id);
    }

    [Fact]
    public async Task SignIn_UnderANameThatIsTaken_NeverTakesTheAccountOver()
    {
        foreach (var name in new[] { _server.UserName, _server.UserName.ToUpperInvariant() })
        {
            _provider.User = Person(name, "ncr-admins");
            using var http = new ConsoleClient(_server);
            Assert.Contains("another account", await RefusedAsync(http), StringComparison.Ordinal);
        }

        var admin = await FindAsync(_server.UserName);
        Assert.False(admin!.IsExternal);
        Assert.Single((await Administration.ListAsync(_server.Administrator, new PageRequest(), default)).Items);
    }

    [Theory]
    [InlineData(null, "sent no 'preferred_username'")]
    [InlineData("Ann Smith", "can't be a user name here")]
    public async Task SignIn_WithoutAUsableName_SaysWhy(string? name, string words)
    {
        _provider.User = Person("x", "ncr-leads");
        _provider.User.Remove("preferred_username");
        if (name is not null)
        {
            _provider.User["preferred_username"] = name;
        }

        using var http = new ConsoleClient(_server);
        Assert.Contains(words, await RefusedAsync(http), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_OfADisabledUser_IsRefused()
    {
        _provider.User = Person("dan", "ncr-leads");
        using var http = new ConsoleClient(_server);
        await SignInAsync(http);
        await Administration.SetDisabledAsync(_server.Administrator, (await FindAsync("dan"))!.Id, true, default);

        Assert.Equal(HttpStatusCode.Redirect, await http.StatusAsync(ConsoleUrls.Account));
        Assert.Contains("is disabled", await RefusedAsync(http), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Administration_OfWhoComesFromTheProvider_LeavesPasswordAndRoleToIt()
    {
        _provider.User = Person("eve", "ncr-leads");
        using var http = new ConsoleClient(_server);
        await SignInAsync(http);
        var eve = (await FindAsync("eve"))!;

        Assert.Contains("no password", (await ConflictAsync(() => Administration.CreateLinkAsync(_server.Administrator, eve.Id, default))), StringComparison.Ordinal);
        Assert.Contains("groups", await ConflictAsync(() => Administration.SetRoleAsync(_server.Administrator, eve.Id, Role.ProjectAdmin, default)), StringComparison.Ordinal);
        using var page = await http.GetAsync(ConsoleUrls.Account);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("have no password here", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Present password", html, StringComparison.Ordinal);

        // A key of one's own, as everybody has.
        var keys = _server.Services.GetRequiredService<AccessKeyService>();
        var pair = await keys.CreateAsync(new Actor(eve.Id, "eve"), AccessKeySettings.None, default);
        Assert.Equal("eve", (await keys.LoginAsync(pair.Key, pair.Secret, Actor.Anonymous(null), default)).Actor.Name);
    }

    [Fact]
    public async Task LastProjectAdmin_KeepsTheRole_WhateverTheGroupsSay()
    {
        _provider.User = Person("boss", "ncr-admins");
        using var http = new ConsoleClient(_server);
        await SignInAsync(http);
        var boss = (await FindAsync("boss"))!;
        Assert.Equal(Role.ProjectAdmin, boss.Role);
        await Administration.SetDisabledAsync(new Actor(boss.Id, "boss"), 1, true, default);

        _provider.User = Person("boss", "ncr-devs");
        Assert.Equal(ConsoleUrls.Overview, await SignInAsync(http));
        Assert.Equal(Role.ProjectAdmin, (await Administration.FindAsync(new Actor(boss.Id, "boss"), "boss", default))!.Role);

        await Administration.SetDisabledAsync(new Actor(boss.Id, "boss"), 1, false, default);
        await SignInAsync(http);
        Assert.Equal(Role.ServiceViewer, (await FindAsync("boss"))!.Role);
    }

    [Fact]
    public async Task SignIn_AfterTheProviderChangedItsKeys_Works()
    {
        _provider.User = Person("kim", "ncr-leads");
        using var http = new ConsoleClient(_server);
        Assert.Equal(ConsoleUrls.Overview, await SignInAsync(http));
        _provider.Rotate();

        Assert.Equal(ConsoleUrls.Overview, await SignInAsync(http));
    }

    [Theory]
    [InlineData("issuer", "another issuer")]
    [InlineData("audience", "another application")]
    [InlineData("nonce", "does not belong to this sign-in")]
    [InlineData("no nonce", "does not belong to this sign-in")]
    [InlineData("expired", "not good at this time")]
    [InlineData("none", "not signed as it should be")]
    [InlineData("unsigned", "not signed as it should be")]
    [InlineData("secret", "not signed as it should be")]
    [InlineData("key", "not signed as it should be")]
    [InlineData("broken", "did not confirm")]
    [InlineData("cancelled", "cancelled")]
    public async Task SignIn_WithAnAnswerThatIsNotRight_IsRefusedWithASentence(string fault, string words)
    {
        _provider.User = Person("mal", "ncr-admins");
        switch (fault)
        {
            case "none" or "secret":
                _provider.Algorithm = fault == "none" ? "none" : "HS256";
                break;
            case "unsigned":
                _provider.Algorithm = "RS256 without";
                break;
            case "key":
                _provider.SignsWithAnotherKey = true;
                break;
            case "broken":
                _provider.IsBroken = true;
                break;
            case "cancelled":
                _provider.User = [];
                break;
            default:
                _provider.Change = claims => Spoil(claims, fault);
                break;
        }

        using var http = new ConsoleClient(_server);
        Assert.Contains(words, await RefusedAsync(http), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, await http.StatusAsync(ConsoleUrls.Account));
        Assert.Null(await FindAsync("mal"));
    }

    [Fact]
    public async Task Callback_WithoutWhatBeganIt_IsRefusedWithASentence()
    {
        _provider.User = Person("sid", "ncr-leads");
        using var mine = new ConsoleClient(_server);
        var answer = await ProviderAnswerAsync(mine);

        using var another = new ConsoleClient(_server); // Sent a link with somebody else's sign-in.
        Assert.Contains("not begun in this browser", await NoteAsync(another, answer), StringComparison.Ordinal);
        foreach (var url in new[] { ConsoleUrls.OidcCallback, ConsoleUrls.OidcCallback + "?code=1", ConsoleUrls.OidcCallback + "?state=abc", answer.Replace("state=", "state=x", StringComparison.Ordinal), ConsoleUrls.OidcCallback + "?error=boom&error_description=<script>" })
        {
            Assert.NotEmpty(await NoteAsync(mine, url));
        }

        Assert.Equal(0, _provider.Exchanges);
        Assert.Equal(ConsoleUrls.Overview, await LocationAsync(mine, answer));
        Assert.StartsWith(ConsoleUrls.SignIn, await LocationAsync(mine, answer), StringComparison.Ordinal); // The same once more.
        Assert.Equal(1, _provider.Exchanges);
    }

    [Theory]
    [InlineData("https://elsewhere.example.com/")]
    [InlineData("//elsewhere.example.com/")]
    [InlineData("/\\elsewhere.example.com/")]
    public async Task SignIn_WithAnAddressElsewhereToReturnTo_StaysHere(string url)
    {
        _provider.User = Person("rob", "ncr-leads");
        using var http = new ConsoleClient(_server);
        Assert.Equal(ConsoleUrls.Overview, await SignInAsync(http, url));
    }

    [Fact]
    public async Task Provider_ThatIsDown_IsASentence_AndANoteThatWasMadeUpIsNot()
    {
        await _provider.StopAsync();
        using var http = new ConsoleClient(_server);

        Assert.Contains("can't be asked now", await NoteAsync(http, ConsoleUrls.OidcSignIn), StringComparison.Ordinal);

        using var page = await http.GetAsync(ConsoleUrls.SignIn + "?note=Call+this+number");
        Assert.DoesNotContain("Call this number", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WithAWrongSecret_IsRefusedByTheProvider_WithASentence()
    {
        await using var server = await StartAsync(settings => settings["Ncr:Oidc:ClientSecret"] = "another");
        _provider.User = Person("wes", "ncr-leads");
        using var http = new ConsoleClient(server);
        Assert.Contains("did not confirm", await RefusedAsync(http), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WithoutGroupRules_GivesTheDefaultRoleOnce_AndCreatesOnlyWhenItMay()
    {
        _provider.User = Person("pat");
        await using (var server = await StartAsync(settings => (settings["Ncr:Oidc:Roles"], settings["Ncr:Oidc:DefaultRole"]) = ("", "ImageUploader")))
        {
            var users = server.Services.GetRequiredService<UserAdministration>();
            using var http = new ConsoleClient(server);
            Assert.Equal(ConsoleUrls.Overview, await SignInAsync(http));
            var pat = (await users.FindAsync(server.Administrator, "pat", default))!;
            Assert.Equal(Role.ImageUploader, pat.Role);
            await users.SetRoleAsync(server.Administrator, pat.Id, Role.ServiceAdmin, default);
            await SignInAsync(http);
            Assert.Equal(Role.ServiceAdmin, (await users.FindAsync(server.Administrator, "pat", default))!.Role);
        }

        await using var closed = await StartAsync(settings => settings["Ncr:Oidc:CreateUsers"] = "false");
        _provider.User = Person("pat", "ncr-leads");
        using var refused = new ConsoleClient(closed);
        Assert.Contains("no account here", await RefusedAsync(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublicAddress_IsWhereItBegins_AndWhereTheProviderLeadsBackTo()
    {
        await using var server = await StartAsync(settings => settings["Ncr:PublicAddress"] = "https://registry.example.com/");
        using var http = new ConsoleClient(server);
        Assert.Equal("https://registry.example.com/sign-in/oidc?returnUrl=%2Fstorage&moved=true", await LocationAsync(http, ConsoleUrls.OidcSignInFor("/storage")));

        // A proxy that passes on another host than it was asked for must not send the browser round in circles.
        await LocationAsync(http, await LocationAsync(http, ConsoleUrls.OidcSignIn + "?moved=true"));
        Assert.Equal("https://registry.example.com/sign-in/oidc/callback", _provider.LastRequest["redirect_uri"]);
    }

    [Fact]
    public async Task Log_WithEverythingAtDebug_HoldsNeitherTheSecretNorTokens()
    {
        var folder = Directory.CreateTempSubdirectory("ncr-test-");
        await using (var server = await NcrProcess.StartAsync(
            folder.FullName, ("LOGGING__LOGLEVEL__DEFAULT", "Debug"), ("LOGGING__LOGLEVEL__MICROSOFT.ASPNETCORE", "Debug"), ("LOGGING__LOGLEVEL__SYSTEM.NET.HTTP", "Debug"),
            ("NCR__OIDC__AUTHORITY", _provider.Issuer), ("NCR__OIDC__CLIENTID", OidcProvider.ClientId), ("NCR__OIDC__CLIENTSECRET", OidcProvider.Secret)))
        {
            using var http = new ConsoleClient(server.Url);
            _provider.User = Person("log");
            Assert.Equal(ConsoleUrls.Overview, await SignInAsync(http));
            _provider.Change = claims => Spoil(claims, "audience");
            await RefusedAsync(new ConsoleClient(server.Url));

            Assert.Contains("debug ", server.Output, StringComparison.Ordinal);
            Assert.Contains("Signing in by OpenID Connect failed", server.Output, StringComparison.Ordinal);
            Assert.All([OidcProvider.Secret, .. _provider.Given], secret => Assert.DoesNotContain(secret, server.Output, StringComparison.Ordinal));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Deny_WinsOverTheAuthority()
    {
        await using var server = await StartAsync(settings => settings["Ncr:Outgoing:Deny"] = "127.0.0.0/8");
        using var http = new ConsoleClient(server);
        Assert.Contains("can't be asked now", await NoteAsync(http, ConsoleUrls.OidcSignIn), StringComparison.Ordinal);
    }

    private static Dictionary<string, object> Person(string name, params string[] groups) =>
        new() { ["sub"] = $"subject-of-{name}", ["preferred_username"] = name, ["groups"] = groups };

    private static void Spoil(Dictionary<string, object> claims, string fault)
    {
        switch (fault)
        {
            case "issuer":
                claims["iss"] = "https://elsewhere.example.com";
                break;
            case "audience":
                claims["aud"] = "another-client";
                break;
            case "nonce":
                claims["nonce"] = "of-another-sign-in";
                break;
            case "no nonce":
                claims.Remove("nonce");
                break;
            default:
                (claims["iat"], claims["exp"]) = ((long)claims["iat"] - 7200, (long)claims["iat"] - 3600);
                break;
        }
    }

    private Task<NcrServer> StartAsync(Action<Dictionary<string, string?>>? change = null) => NcrServer.StartAsync(settings =>
    {
        settings["Ncr:Oidc:Authority"] = _provider.Issuer;
        settings["Ncr:Oidc:ClientId"] = OidcProvider.ClientId;
        settings["Ncr:Oidc:ClientSecret"] = OidcProvider.Secret;
        settings["Ncr:Oidc:Roles"] = "ncr-admins=ProjectAdmin, ncr-leads=ServiceAdmin, ncr-devs=ServiceViewer, team-a=ImageUploader@team";
        change?.Invoke(settings);
    });

    private Task<UserRow?> FindAsync(string name) => Administration.FindAsync(_server.Administrator, name, default);

    private static async Task<string> ConflictAsync(Func<Task> command)
    {
        var exception = await Assert.ThrowsAsync<NcrException>(command);
        Assert.Equal(NcrError.Conflict, exception.Error);
        return exception.Message;
    }

    /// <summary>To the provider and back, until a page of this server.</summary>
    /// <returns>Its address.</returns>
    private static async Task<string> SignInAsync(ConsoleClient http, string? returnUrl = null)
    {
        var url = ConsoleUrls.OidcSignInFor(returnUrl);
        while (url.Contains("/sign-in/oidc", StringComparison.Ordinal) || url.Contains("/authorize", StringComparison.Ordinal))
        {
            url = await LocationAsync(http, url);
        }

        return url;
    }

    /// <returns>What the sign-in page says then.</returns>
    private static async Task<string> RefusedAsync(ConsoleClient http) => await AlertAsync(http, await SignInAsync(http));

    private static async Task<string> NoteAsync(ConsoleClient http, string url) => await AlertAsync(http, await LocationAsync(http, url));

    private static async Task<string> AlertAsync(ConsoleClient http, string url)
    {
        Assert.StartsWith(ConsoleUrls.SignIn + "?", url, StringComparison.Ordinal);
        using var page = await http.GetAsync(url);
        var html = await page.Content.ReadAsStringAsync();
        const string Mark = "role=\"alert\">";
        var start = html.IndexOf(Mark, StringComparison.Ordinal);
        Assert.True(start >= 0, "The sign-in page says nothing.");
        return WebUtility.HtmlDecode(html[(start + Mark.Length)..html.IndexOf("</p>", start, StringComparison.Ordinal)]);
    }

    /// <returns>What the provider sends the browser back with.</returns>
    private static async Task<string> ProviderAnswerAsync(ConsoleClient http) => await LocationAsync(http, await LocationAsync(http, ConsoleUrls.OidcSignIn));

    private static async Task<string> LocationAsync(ConsoleClient http, string url)
    {
        using var answer = await http.GetAsync(url);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }
}
