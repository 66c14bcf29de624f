using System.Net;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Paging;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

public sealed class KeyLimitTests(AccessSetup setup) : IClassFixture<AccessSetup>
{
    [Fact]
    public async Task Key_EndsWithItsTime_AndGoesOnWithALaterOne()
    {
        var user = await setup.NewUserAsync(Role.ServiceViewer, AccessKeySettings.None with { ExpiresAt = Now.AddDays(30) });
        var (image, _, _) = await setup.NewImageAsync("team");
        var token = await TokenAsync(user, image.Name, "pull");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await StatusAsync(user, image, token));

        setup.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromHours(1));
        token = await TokenAsync(user, image.Name, "pull");
        setup.Clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), await StatusAsync(user, image, token));
        var row = Assert.Single(await setup.Keys.ListOwnAsync(user.Actor, default));
        Assert.True(row.IsExpired(Now));
        await setup.Keys.ChangeSettingsAsync(user.Actor, row.Id, AccessKeySettings.None with { ExpiresAt = Now.AddDays(1) }, default);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await StatusAsync(user, image, token));
    }

    [Fact]
    public async Task Key_LimitedToRegistries_SeesAndReachesThoseOnly()
    {
        var registry = await setup.NewRegistryAsync();
        var user = await setup.NewUserAsync(Role.ServiceAdmin, AccessKeySettings.None with { Registries = [registry] });
        var ((inside, _, blob), (outside, _, _)) = (await setup.NewImageAsync(registry), await setup.NewImageAsync("team"));
        foreach (var http in new[] { user.Basic, user.Bearer })
        {
            using var get = await new RegistryClient(http, inside.Name).GetAsync("manifests/v1");
            using var refused = await new RegistryClient(http, outside.Name).GetAsync("manifests/v1");
            using var push = await new RegistryClient(http, outside.Name).StartUploadAsync();
            using var catalog = await http.SendRawAsync(HttpMethod.Get, "/v2/_catalog");

            Assert.Equal(HttpStatusCode.OK, get.StatusCode);
            await refused.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "access key", "not made to", "'team'");
            await push.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "access key");
            Assert.Equal([inside.Name], (await catalog.ReadJsonAsync()).GetProperty("repositories").EnumerateArray().Select(r => r.GetString()!));
        }

        Assert.NotNull(blob);
    }

    [Fact]
    public async Task Key_ForPullingOrForPushing_DoesThatOnly()
    {
        var puller = await setup.NewUserAsync(Role.ServiceAdmin, AccessKeySettings.None with { MayPush = false });
        var pusher = await setup.NewUserAsync(Role.ServiceAdmin, AccessKeySettings.None with { MayPull = false });
        var (image, _, _) = await setup.NewImageAsync("team");
        foreach (var (pulls, pushes) in new[] { (puller.Basic, pusher.Basic), (puller.Bearer, pusher.Bearer) })
        {
            var (pull, push) = (new RegistryClient(pulls, image.Name), new RegistryClient(pushes, image.Name));
            using var pulled = await pull.GetAsync("manifests/v1");
            using var upload = await pull.StartUploadAsync();
            using var delete = await pull.DeleteAsync("manifests/v1");
            using var looked = await push.HeadAsync("manifests/v1");
            using var refused = await push.GetAsync("manifests/v1");

            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (pulled.StatusCode, looked.StatusCode));
            await upload.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "access key");
            await delete.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "access key");
            await refused.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "access key", "to pull images");
            await push.PushAsync(new ImageBuilder(), "v2");
        }
    }

    [Fact]
    public async Task Key_WithNetworks_IsGoodFromThereOnly()
    {
        var here = await setup.NewUserAsync(Role.ServiceViewer, AccessKeySettings.None with { Networks = "127.0.0.0/8, ::1" });
        var elsewhere = await setup.NewUserAsync(Role.ServiceViewer, AccessKeySettings.None with { Networks = "192.0.2.0/24" });

        using var good = await here.Bearer.SendRawAsync(HttpMethod.Get, "/v2/_catalog");
        using var bad = await elsewhere.Basic.SendRawAsync(HttpMethod.Get, "/v2/_catalog");
        var login = await setup.Keys.LoginAsync(elsewhere.Key, elsewhere.Secret, Actor.Anonymous("192.0.2.9"), default);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (good.StatusCode, bad.StatusCode));
        Assert.Equal(elsewhere.Id, login.Actor.UserId);
        Assert.Null(await setup.Keys.FindLiveAsync(elsewhere.Key, login.Version, Actor.Anonymous("198.51.100.1"), default));
    }

    [Fact]
    public async Task Key_WithLimits_ManagesNothing()
    {
        foreach (var settings in new[] { AccessKeySettings.None with { MayPush = false }, AccessKeySettings.None with { MayPull = false }, AccessKeySettings.None with { Registries = ["team"] } })
        {
            var user = await setup.NewUserAsync(Role.ProjectAdmin, settings);
            var actor = (await setup.Keys.LoginAsync(user.Key, user.Secret, Actor.Anonymous(null), default)).Actor;

            Assert.Contains("access key", await AccessSetup.DeniedAsync(() => setup.Administration.ListAsync(actor, new PageRequest(), default)), StringComparison.Ordinal);
            await AccessSetup.DeniedAsync(() => setup.Registries.CreateAsync(actor, AccessSetup.NewName("r"), null, default));
            await AccessSetup.DeniedAsync(() => setup.Members.ListAsync(actor, "team", default));
            await AccessSetup.DeniedAsync(() => setup.Keys.CreateAsync(actor, AccessKeySettings.None, default));
            Assert.NotEmpty((await setup.Administration.ListAsync(user.Actor, new PageRequest(), default)).Items);
        }
    }

    [Fact]
    public async Task LastUse_IsKeptWithItsAddress()
    {
        await using var server = await NcrServer.StartAsync();
        var keys = (AccessKeyService)server.Services.GetService(typeof(AccessKeyService))!;
        await keys.LoginAsync(server.AccessKey, server.SecretKey, Actor.Anonymous("192.0.2.33"), default);
        Assert.Equal("192.0.2.33", Assert.Single(await keys.ListOwnAsync(server.Administrator, default)).LastUsedFrom);

        await server.RestartAsync();

        keys = (AccessKeyService)server.Services.GetService(typeof(AccessKeyService))!;
        var row = Assert.Single(await keys.ListOwnAsync(server.Administrator, default));
        Assert.Equal("192.0.2.33", row.LastUsedFrom);
        Assert.NotNull(row.LastUsedAt);
    }

    public static TheoryData<AccessKeySettings, string> Bad => new()
    {
        { AccessKeySettings.None with { Description = new string('x', 101) }, "100 characters" },
        { AccessKeySettings.None with { ExpiresAt = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc) }, "later day" },
        { AccessKeySettings.None with { Registries = [" "] }, "at least one registry" },
        { AccessKeySettings.None with { Registries = ["Not A Name"] }, "" },
        { AccessKeySettings.None with { Registries = [.. Enumerable.Range(0, 51).Select(i => $"r{i}")] }, "50 registries" },
        { AccessKeySettings.None with { MayPull = false, MayPush = false }, "neither pull nor push" },
        { AccessKeySettings.None with { Networks = "10.0.0.1/8" }, "bits after its length" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Settings_ThatMakeNoSense_AreRefusedWithWhatIsWrong(AccessKeySettings settings, string words)
    {
        var exception = await Assert.ThrowsAsync<NcrException>(() => setup.Keys.CreateAsync(setup.Admin, settings, default));

        Assert.Equal(NcrError.Invalid, exception.Error);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_AreTidiedAndShown()
    {
        var user = await setup.NewUserAsync(Role.ServiceViewer, new(" CI ", null, ["team", " other ", "team"], true, false, "192.0.2.7 10.0.0.0/8"));

        var shown = Assert.Single(await setup.Keys.ListOwnAsync(user.Actor, default)).Settings;

        Assert.Equal(("CI", "team,other", true, false, "192.0.2.7/32,10.0.0.0/8"), (shown.Description, string.Join(',', shown.Registries!), shown.MayPull, shown.MayPush, shown.Networks));
    }

    [Fact]
    public async Task Admin_SeesAndEndsKeysOfOthers_ButNeverTheirSecrets()
    {
        var user = await setup.NewUserAsync(Role.ServiceAdmin);
        var key = Assert.Single(await setup.Keys.ListOfAsync(setup.Admin, user.Id, default)).Id;

        await AccessSetup.DeniedAsync(() => setup.Keys.RegenerateAsync(setup.Admin, key, default));
        Assert.Equal(NcrError.Conflict, (await Assert.ThrowsAsync<NcrException>(() => setup.Keys.CreateForServiceAsync(setup.Admin, user.Id, AccessKeySettings.None, default))).Error);
        await setup.Keys.SetEnabledAsync(setup.Admin, key, false, default);
        using (var disabled = await user.Basic.SendRawAsync(HttpMethod.Get, "/v2/"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, disabled.StatusCode);
        }

        await setup.Keys.SetEnabledAsync(user.Actor, key, true, default);
        using (var enabled = await user.Basic.SendRawAsync(HttpMethod.Get, "/v2/"))
        {
            Assert.Equal(HttpStatusCode.OK, enabled.StatusCode);
        }

        await setup.Keys.DeleteAsync(setup.Admin, key, default);
        Assert.Empty(await setup.Keys.ListOwnAsync(user.Actor, default));
    }

    [Fact]
    public async Task KeysOfOthers_AreNobodyElsesBusiness()
    {
        var (owner, other) = (await setup.NewUserAsync(Role.ServiceAdmin), await setup.NewActorAsync(Role.ServiceAdmin));
        var key = Assert.Single(await setup.Keys.ListOwnAsync(owner.Actor, default)).Id;

        foreach (var command in new Func<Task>[] { () => setup.Keys.DeleteAsync(other, key, default), () => setup.Keys.SetEnabledAsync(other, key, false, default), () => setup.Keys.RegenerateAsync(other, key, default), () => setup.Keys.ChangeSettingsAsync(other, key, AccessKeySettings.None, default) })
        {
            Assert.Equal(NcrError.NotFound, (await Assert.ThrowsAsync<NcrException>(command)).Error);
        }
    }

    [Fact]
    public async Task ServiceAccount_GetsItsKeysFromAdmins()
    {
        var name = AccessSetup.NewName("s");
        await setup.Administration.CreateServiceAsync(setup.Admin, name, Role.ImageUploader, default);
        var id = (await setup.Administration.FindAsync(setup.Admin, name, default))!.Id;
        var admin = await setup.NewActorAsync(Role.ServiceAdmin);

        await AccessSetup.DeniedAsync(() => setup.Keys.CreateForServiceAsync(admin, id, AccessKeySettings.None, default));
        var pair = await setup.Keys.CreateForServiceAsync(setup.Admin, id, AccessKeySettings.None with { Registries = ["team"] }, default);
        var again = await setup.Keys.RegenerateAsync(setup.Admin, Assert.Single(await setup.Keys.ListOfAsync(setup.Admin, id, default)).Id, default);

        await Assert.ThrowsAsync<NcrException>(() => setup.Keys.LoginAsync(pair.Key, pair.Secret, Actor.Anonymous(null), default));
        using var account = TestUser.Create(setup.Server, new Actor(id, name), again);
        await new RegistryClient(account.Bearer, RegistryClient.UniqueName()).PushAsync(new ImageBuilder(), "v1");
        using var elsewhere = await new RegistryClient(account.Bearer, RegistryClient.UniqueName("other")).StartUploadAsync();
        await elsewhere.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "access key");
    }

    private DateTime Now => setup.Clock.GetUtcNow().UtcDateTime;

    private static async Task<string> TokenAsync(TestUser user, string image, string actions)
    {
        using var grant = await user.Basic.SendRawAsync(HttpMethod.Get, $"/auth/token?scope=repository:{image}:{actions}");
        return (await grant.ReadJsonAsync()).GetProperty("token").GetString()!;
    }

    /// <summary>What the key itself gets, and what a token that was given out gets.</summary>
    private async Task<(HttpStatusCode Basic, HttpStatusCode Token)> StatusAsync(TestUser user, RegistryClient image, string token)
    {
        using var basic = await user.Basic.SendRawAsync(HttpMethod.Get, image.Url("manifests/v1"));
        using var anonymous = setup.Server.CreateClient(authenticated: false);
        using var bearer = await anonymous.SendRawAsync(HttpMethod.Get, image.Url("manifests/v1"), null, ("Authorization", $"Bearer {token}"));
        return (basic.StatusCode, bearer.StatusCode);
    }
}
