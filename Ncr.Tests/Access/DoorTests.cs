using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Core.Search;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

/// <summary>From where a registry can be reached, and what anybody may do.</summary>
public sealed class DoorTests(DoorSetup setup) : IClassFixture<DoorSetup>
{
    private static readonly RegistrySettings PrivateOnly = new(IsPublicUriOn: false);

    private Actor Admin => setup.Server.Administrator;

    [Fact]
    public async Task PublicUri_Off_AnswersPrivateRequestsOnly()
    {
        var (name, manifest, blob) = await setup.NewImageAsync(PrivateOnly);
        using var outside = setup.From(DoorSetup.Outside);
        using var inside = setup.From(DoorSetup.Inside);
        using var listener = setup.From(DoorSetup.Outside, isPrivateListener: true);

        foreach (var (http, isOpen) in new[] { (outside, false), (inside, true), (listener, true) })
        {
            var target = new WireOperations.Target(new RegistryClient(http, name), manifest, blob);
            foreach (var (operation, (_, send)) in WireOperations.All.Where(o => !o.Key.StartsWith("delete", StringComparison.Ordinal) && o.Key is not ("catalog" or "mount")))
            {
                using var response = await send(target);
                Assert.True(isOpen == response.IsSuccessStatusCode, $"{operation}: {response.StatusCode}");
                Assert.True(isOpen || response.StatusCode == HttpStatusCode.Forbidden, $"{operation}: {response.StatusCode}");
            }
        }

        using var refused = await outside.GetAsync(new Uri($"/v2/{name}/manifests/v1", UriKind.Relative));
        await refused.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "private.example.com");
    }

    [Fact]
    public async Task PublicUri_OffMeanwhile_EndsWhatTokensAndUploadsMay()
    {
        var (name, _, _) = await setup.NewImageAsync(RegistrySettings.None);
        using var http = setup.From(DoorSetup.Outside);
        var image = new RegistryClient(http, name);
        var location = await image.OpenUploadAsync();
        using (var before = await image.GetAsync("manifests/v1"))
        {
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        await setup.Registries.ChangeAsync(Admin, name.Split('/')[0], PrivateOnly, default);

        using var pull = await image.GetAsync("manifests/v1");
        using var upload = await image.PatchAsync(location, [1]);
        Assert.Equal(HttpStatusCode.Forbidden, pull.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, upload.StatusCode);
    }

    [Theory]
    [InlineData("Host", "private.example.com")]
    [InlineData("X-Forwarded-Host", "private.example.com")]
    [InlineData("X-Forwarded-For", "127.0.0.2")]
    [InlineData("Forwarded", "for=127.0.0.2;host=private.example.com")]
    [InlineData("X-Real-IP", "127.0.0.2")]
    public async Task PublicUri_Off_NoHeaderOpensIt(string header, string value)
    {
        var (name, _, _) = await setup.NewImageAsync(PrivateOnly);
        foreach (var from in new[] { DoorSetup.Outside, DoorSetup.OtherProxy })
        {
            using var http = setup.From(from);
            http.DefaultRequestHeaders.TryAddWithoutValidation(header, value);

            // With credentials in the request itself: the realm of a challenge would follow the made-up host.
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{name}/manifests/v1");
            request.Headers.Authorization = setup.Server.CreateClient().DefaultRequestHeaders.Authorization;
            using var response = await http.SendAsync(request);

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Fact]
    public async Task PublicUri_Off_CountsTheClientBehindListedProxiesAndNoOther()
    {
        var (name, _, _) = await setup.NewImageAsync(PrivateOnly);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(DoorSetup.Proxy, "127.0.0.2"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(DoorSetup.Proxy, "2001:db8::7"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(DoorSetup.Proxy, "198.51.100.1"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(DoorSetup.Proxy, "2001:db9::7"));

        // Whoever is outside writes what they like in front; the proxy adds where that came from.
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(DoorSetup.Proxy, "127.0.0.2, 198.51.100.1"));

        // A proxy within the private network that nobody listed lets in whoever it serves.
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(DoorSetup.Inside, "198.51.100.1"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(DoorSetup.Proxy, "198.51.100.1, 127.0.0.2"));

        async Task<HttpStatusCode> StatusAsync(string from, string forwarded)
        {
            using var http = setup.From(from);
            http.DefaultRequestHeaders.Authorization = setup.Server.CreateClient().DefaultRequestHeaders.Authorization; // The fetch of a token would come without the header.
            http.DefaultRequestHeaders.Add("X-Forwarded-For", forwarded);
            using var response = await http.GetAsync(new Uri($"/v2/{name}/manifests/v1", UriKind.Relative));
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task PublicUri_Off_ListsSearchAndTokensFollow()
    {
        var (name, _, _) = await setup.NewImageAsync(PrivateOnly);
        var registry = name.Split('/')[0];
        var inside = Actor.Anonymous(DoorSetup.Inside) with { UserId = Admin.UserId, Name = Admin.Name };
        var outside = inside with { Address = DoorSetup.Outside };
        var (search, images) = (setup.Server.Services.GetRequiredService<SearchService>(), setup.Server.Services.GetRequiredService<ImageService>());

        Assert.Contains(name, (await images.ListNamesAsync(inside, registry, 100, default)).Items);
        Assert.DoesNotContain(name, (await images.ListNamesAsync(outside, registry, 100, default)).Items);
        Assert.Contains((await search.SearchAsync(inside, registry, default)).SelectMany(g => g.Hits), h => h.Registry == registry && h.Image is not null);
        Assert.DoesNotContain((await search.SearchAsync(outside, registry, default)).SelectMany(g => g.Hits), h => h.Registry == registry && h.Image is not null);

        using var http = setup.From(DoorSetup.Outside, isAnonymous: true);
        http.DefaultRequestHeaders.Authorization = setup.Server.CreateClient().DefaultRequestHeaders.Authorization;
        var token = await (await http.GetAsync(new Uri($"/auth/token?service=ncr&scope=repository:{name}:pull,push", UriKind.Relative))).ReadJsonAsync();
        Assert.Equal("", token.GetProperty("scope").GetString());

        // The registry itself is still there to be changed: whoever shut it can open it again.
        Assert.Contains((await setup.Registries.ListAsync(outside, new PageRequest { Search = registry }, default)).Items, r => r.Name == registry);
        await setup.Registries.ChangeAsync(outside, registry, RegistrySettings.None, default);
        Assert.Contains(name, (await images.ListNamesAsync(outside, registry, 100, default)).Items);
    }

    [Fact]
    public async Task Networks_OfARegistry_LetInNobodyElse()
    {
        var (name, _, _) = await setup.NewImageAsync(new RegistrySettings(Networks: "127.0.0.3, 2001:db8:7::/48"));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("127.0.0.3"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(DoorSetup.Inside));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(DoorSetup.Outside));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(DoorSetup.Outside, isPrivateListener: true));

        async Task<HttpStatusCode> StatusAsync(string from, bool isPrivateListener = false)
        {
            using var http = setup.From(from, isPrivateListener);
            using var response = await http.GetAsync(new Uri($"/v2/{name}/manifests/v1", UriKind.Relative));
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Mount_FromAShutRegistry_UploadsInstead()
    {
        var (name, _, blob) = await setup.NewImageAsync(PrivateOnly);
        using var outside = setup.From(DoorSetup.Outside);
        using var inside = setup.From(DoorSetup.Inside);

        using var refused = await new RegistryClient(outside, RegistryClient.UniqueName()).StartUploadAsync($"?mount={blob}&from={name}");
        using var mounted = await new RegistryClient(inside, RegistryClient.UniqueName()).StartUploadAsync($"?mount={blob}&from={name}");

        Assert.Equal(HttpStatusCode.Accepted, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Created, mounted.StatusCode);
    }

    [Fact]
    public async Task AnonymousPull_On_LetsAnybodyReadAndNothingElse()
    {
        var (name, manifest, blob) = await setup.NewImageAsync(new RegistrySettings(AllowsAnonymousPull: true));
        using var http = setup.From(DoorSetup.Outside, isAnonymous: true);
        var target = new WireOperations.Target(new RegistryClient(http, name), manifest, blob);

        foreach (var (operation, (_, send)) in WireOperations.All)
        {
            using var response = await send(target);
            var isRead = operation.StartsWith("pull", StringComparison.Ordinal) || operation.StartsWith("look", StringComparison.Ordinal) || operation is "list tags" or "list referrers";
            Assert.True(isRead ? response.IsSuccessStatusCode : response.StatusCode == HttpStatusCode.Unauthorized, $"{operation}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task AnonymousPull_OffAgain_EndsTheTokensGivenOut()
    {
        var (name, _, _) = await setup.NewImageAsync(new RegistrySettings(AllowsAnonymousPull: true));
        using var http = setup.From(DoorSetup.Outside, isAnonymous: true);
        var token = (await (await http.GetAsync(new Uri($"/auth/token?service=ncr&scope=repository:{name}:pull", UriKind.Relative))).ReadJsonAsync()).GetProperty("token").GetString();
        using var client = setup.Server.CreateClient(authenticated: false);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri($"/v2/{name}/manifests/v1", UriKind.Relative))).StatusCode);

        await setup.Registries.ChangeAsync(Admin, name.Split('/')[0], RegistrySettings.None, default);

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(new Uri($"/v2/{name}/manifests/v1", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task AnonymousPull_OfAShutRegistry_IsForPrivateRequestsOnly()
    {
        var (name, _, _) = await setup.NewImageAsync(new RegistrySettings(IsPublicUriOn: false, AllowsAnonymousPull: true));
        using var outside = setup.From(DoorSetup.Outside, isAnonymous: true);
        using var inside = setup.From(DoorSetup.Inside, isAnonymous: true);

        Assert.Equal(HttpStatusCode.Unauthorized, (await outside.GetAsync(new Uri($"/v2/{name}/manifests/v1", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await inside.GetAsync(new Uri($"/v2/{name}/manifests/v1", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task AnonymousPull_OnAnotherRegistry_OpensNothingHere()
    {
        var (open, _, blob) = await setup.NewImageAsync(new RegistrySettings(AllowsAnonymousPull: true));
        var (closed, _, _) = await setup.NewImageAsync(RegistrySettings.None);
        using var http = setup.From(DoorSetup.Outside, isAnonymous: true);

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"/v2/{open}/blobs/{blob}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri($"/v2/{closed}/blobs/{blob}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("/v2/_catalog", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("/v2/", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task PublicUri_OffWithoutAnyPrivateEntrance_IsRefused()
    {
        await using var server = await NcrServer.StartAsync();
        var registries = server.Services.GetRequiredService<RegistryService>();

        var exception = await Assert.ThrowsAsync<NcrException>(() => registries.ChangeAsync(server.Administrator, "team", PrivateOnly, default));

        Assert.Equal(NcrError.Conflict, exception.Error);
        Assert.True((await registries.FindAsync(server.Administrator, "team", default))!.Settings.IsPublicUriOn);
    }

    [Fact]
    public async Task Networks_BadlyWritten_AreRefusedWithThePlace()
    {
        var exception = await Assert.ThrowsAsync<NcrException>(() => setup.Registries.ChangeAsync(Admin, "team", new RegistrySettings(Networks: "10.0.0.0/8, 10.1.2.3/8"), default));

        Assert.Equal(NcrError.Invalid, exception.Error);
        Assert.Contains("'10.1.2.3/8'", exception.Message, StringComparison.Ordinal);
    }
}
