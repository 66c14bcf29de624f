using System.Net;
using Ncr.Core.Access;
using Ncr.Core.Deletions;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Figures;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Search;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

public sealed class MemberTests(AccessSetup setup) : IClassFixture<AccessSetup>
{
    private static readonly PageRequest Page = new(Take: PageRequest.MaxTake);

    [Fact]
    public async Task Member_SeesTheirRegistryAndNoOther()
    {
        var (a, b) = (await setup.NewRegistryAsync(), await setup.NewRegistryAsync());
        var tag = AccessSetup.NewName("t");
        var (inA, manifest, _) = await setup.NewImageAsync(a);
        var (inB, _, _) = await setup.NewImageAsync(b);
        foreach (var image in new[] { inA, inB })
        {
            await image.PushAsync(new ImageBuilder(), tag);
            using var gone = await image.DeleteAsync("manifests/v1");
            Assert.Equal(HttpStatusCode.Accepted, gone.StatusCode);
        }

        var user = await setup.NewUserAsync(Role.None);
        await setup.Members.SetAsync(setup.Admin, a, user.Actor.Name, Role.ServiceViewer, default);

        Assert.Equal([a], (await setup.Registries.ListAsync(user.Actor, Page, default)).Items.Select(r => r.Name));
        var hits = (await setup.Get<SearchService>().SearchAsync(user.Actor, tag, default)).SelectMany(g => g.Hits);
        Assert.Equal([a], hits.Select(h => h.Registry).Distinct());
        var overview = await setup.Get<OverviewService>().GetAsync(user.Actor, default);
        Assert.Equal((1, 1, 2), (overview.Registries, overview.Images, overview.Days[^1].Pushes));
        Assert.NotEmpty(overview.Activity);
        Assert.All(overview.Activity, e => Assert.True(e.Registry == a || (e.Registry is null && e.Actor == user.Actor.Name && e.Type == EventTypes.AccessKeyCreated), e.ToString()));
        Assert.Null(overview.Stored);
        var deleted = await setup.Get<DeletionService>().ListAsync(user.Actor, Page, default);
        Assert.Equal([a], deleted.Items.Select(d => d.Registry));
        Assert.Equal(1, deleted.Total);
        foreach (var http in new[] { user.Basic, user.Bearer })
        {
            using var catalog = await http.SendRawAsync(HttpMethod.Get, "/v2/_catalog");
            Assert.Equal([inA.Name], (await catalog.ReadJsonAsync()).GetProperty("repositories").EnumerateArray().Select(r => r.GetString()!));
            using var pull = await new RegistryClient(http, inA.Name).GetAsync($"manifests/{manifest.Digest}");
            Assert.Equal(HttpStatusCode.OK, pull.StatusCode);
        }
    }

    [Fact]
    public async Task Search_FindsWhatAMemberMaySee_BehindMuchThatTheyMayNot()
    {
        var (a, b) = (await setup.NewRegistryAsync(), await setup.NewRegistryAsync());
        var start = AccessSetup.NewName("t");
        var ((mine, content, _), (theirs, other, _)) = (await setup.NewImageAsync(a), await setup.NewImageAsync(b));
        for (var i = 0; i <= SearchService.MaxHits; i++)
        {
            await theirs.PushManifestAsync(other.Body, other.MediaType, $"{start}-{i}");
        }

        await mine.PushManifestAsync(content.Body, content.MediaType, $"{start}-last");
        var user = await setup.NewActorAsync(Role.None);
        await setup.Members.SetAsync(setup.Admin, a, user.Name, Role.ServiceViewer, default);

        var group = Assert.Single(await setup.Get<SearchService>().SearchAsync(user, start, default));

        Assert.Equal((a, $"{start}-last"), (Assert.Single(group.Hits).Registry, group.Hits[0].Tag));
        Assert.False(group.HasMore);
    }

    [Fact]
    public async Task Member_IsAStrangerToARegistryOfOthers()
    {
        var (a, b) = (await setup.NewRegistryAsync(), await setup.NewRegistryAsync());
        var (image, _, blob) = await setup.NewImageAsync(b);
        var user = await setup.NewUserAsync(Role.None);
        await setup.Members.SetAsync(setup.Admin, a, user.Actor.Name, Role.ServiceAdmin, default);

        // Word for word what is said of a registry that is not there: the answer does not tell whether it is.
        var there = await AccessSetup.DeniedAsync(() => setup.Registries.FindAsync(user.Actor, b, default));
        var nowhere = await AccessSetup.DeniedAsync(() => setup.Registries.FindAsync(user.Actor, "nowhere", default));
        Assert.Equal(nowhere, there.Replace(b, "nowhere", StringComparison.Ordinal));
        await AccessSetup.DeniedAsync(() => setup.Get<ImageService>().ListAsync(user.Actor, b, Page, default));
        await AccessSetup.DeniedAsync(() => setup.Members.ListAsync(user.Actor, b, default));
        await AccessSetup.DeniedAsync(() => setup.Registries.CreateAsync(user.Actor, AccessSetup.NewName("r"), null, default));
        foreach (var http in new[] { user.Basic, user.Bearer })
        {
            var seen = new RegistryClient(http, image.Name);
            foreach (var rest in new[] { "tags/list", "manifests/v1", "manifests/none", $"blobs/{blob}" })
            {
                using var get = await seen.GetAsync(rest);
                using var head = await seen.HeadAsync(rest);
                await get.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED");
                Assert.Equal(HttpStatusCode.Forbidden, head.StatusCode);
            }

            using var upload = await seen.StartUploadAsync();
            await upload.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED");
        }
    }

    [Theory]
    [InlineData(Role.ServiceViewer, true, false, false)]
    [InlineData(Role.ImageUploader, false, true, false)]
    [InlineData(Role.ServiceAdmin, true, true, true)]
    public async Task Role_InARegistry_AllowsThereWhatItAllows(Role role, bool pull, bool push, bool manage)
    {
        var registry = await setup.NewRegistryAsync();
        var (image, _, _) = await setup.NewImageAsync(registry);
        var user = await setup.NewUserAsync(Role.None);
        await setup.Members.SetAsync(setup.Admin, registry, user.Actor.Name, role, default);
        var seen = new RegistryClient(user.Bearer, image.Name);

        using var get = await seen.GetAsync("manifests/v1");
        using var post = await seen.StartUploadAsync();
        var managed = await Record.ExceptionAsync(() => setup.Members.SetAsync(user.Actor, registry, setup.Server.UserName, Role.ServiceViewer, default));

        Assert.Equal((pull, push, manage), (get.StatusCode == HttpStatusCode.OK, post.StatusCode == HttpStatusCode.Accepted, managed is null));
    }

    [Fact]
    public async Task Role_InARegistry_AddsToTheOneEverywhere()
    {
        var registry = await setup.NewRegistryAsync();
        var user = await setup.NewUserAsync(Role.ServiceViewer);
        await setup.Members.SetAsync(setup.Admin, registry, user.Actor.Name, Role.ImageUploader, default);

        var manifest = await new RegistryClient(user.Bearer, RegistryClient.UniqueName(registry)).PushAsync(new ImageBuilder(), "v1");
        using var elsewhere = await new RegistryClient(user.Bearer, RegistryClient.UniqueName("team")).StartUploadAsync();

        Assert.NotNull(manifest);
        await elsewhere.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "to push images");
    }

    public static TheoryData<string> Ends => new("member removed", "member made a viewer", "user disabled", "user deleted", "key disabled", "key made for pulling", "registry deleted");

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Change_CountsAtOnce_InTokensGivenOutAndInARunningUpload(string end)
    {
        var registry = await setup.NewRegistryAsync();
        var user = await setup.NewUserAsync(Role.None);
        await setup.Members.SetAsync(setup.Admin, registry, user.Actor.Name, Role.ServiceAdmin, default);
        var name = RegistryClient.UniqueName(registry);
        using var grant = await user.Basic.SendRawAsync(HttpMethod.Get, $"/auth/token?scope=repository:{name}:pull,push");
        using var http = setup.Server.CreateClient(authenticated: false);
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await grant.ReadJsonAsync()).GetProperty("token").GetString());
        var image = new RegistryClient(http, name);
        var location = await image.OpenUploadAsync();
        using (var first = await image.PatchAsync(location, Oci.RandomBytes(10)))
        {
            Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
            location = first.RequireHeader("Location");
        }

        await EndAsync(end, user, registry);

        using var next = await image.PatchAsync(location, Oci.RandomBytes(10));
        using var finish = await image.FinishAsync(location, Oci.UnknownDigest());
        var ended = end is "user disabled" or "user deleted" or "key disabled";
        foreach (var response in new[] { next, finish })
        {
            await response.AssertErrorAsync(ended ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden, ended ? "UNAUTHORIZED" : "DENIED");
        }
    }

    private async Task EndAsync(string end, TestUser user, string registry)
    {
        var key = Assert.Single(await setup.Keys.ListOwnAsync(user.Actor, default)).Id;
        await (end switch
        {
            "member removed" => setup.Members.RemoveAsync(setup.Admin, registry, user.Id, default),
            "member made a viewer" => setup.Members.SetAsync(setup.Admin, registry, user.Actor.Name, Role.ServiceViewer, default),
            "user disabled" => setup.Administration.SetDisabledAsync(setup.Admin, user.Id, true, default),
            "user deleted" => setup.Administration.DeleteAsync(setup.Admin, user.Id, default),
            "key disabled" => setup.Keys.SetEnabledAsync(setup.Admin, key, false, default),
            "key made for pulling" => setup.Keys.ChangeSettingsAsync(user.Actor, key, AccessKeySettings.None with { MayPush = false }, default),
            _ => setup.Registries.DeleteAsync(setup.Admin, registry, default),
        });
    }

    [Fact]
    public async Task Role_IsNotInherited_ByANewRegistryOfTheSameName_AndComesBackWithARestore()
    {
        var name = await setup.NewRegistryAsync();
        var user = await setup.NewUserAsync(Role.None);
        await setup.Members.SetAsync(setup.Admin, name, user.Actor.Name, Role.ServiceViewer, default);
        await setup.Registries.DeleteAsync(setup.Admin, name, default);
        await setup.Registries.CreateAsync(setup.Admin, name, null, default);

        await AccessSetup.DeniedAsync(() => setup.Registries.FindAsync(user.Actor, name, default));
        Assert.Empty(await setup.Members.ListAsync(setup.Admin, name, default));
        Assert.Equal(0, (await setup.Administration.FindAsync(setup.Admin, user.Actor.Name, default))!.RegistryCount);

        var deletions = setup.Get<DeletionService>();
        var old = Assert.Single((await deletions.ListAsync(setup.Admin, new PageRequest(Search: name), default)).Items).Id;
        await setup.Registries.DeleteAsync(setup.Admin, name, default);
        await deletions.RestoreAsync(setup.Admin, old, default);
        Assert.NotNull(await setup.Registries.FindAsync(user.Actor, name, default));
    }

    [Fact]
    public async Task Set_OfNobodyOrAProjectRole_IsRefused()
    {
        var registry = await setup.NewRegistryAsync();

        Assert.Equal(NcrError.NotFound, (await Assert.ThrowsAsync<NcrException>(() => setup.Members.SetAsync(setup.Admin, registry, "nobody", Role.ServiceViewer, default))).Error);
        Assert.Equal(NcrError.NotFound, (await Assert.ThrowsAsync<NcrException>(() => setup.Members.SetAsync(setup.Admin, "nowhere", "admin", Role.ServiceViewer, default))).Error);
        foreach (var role in new[] { Role.None, Role.ProjectAdmin, Role.ProjectMember })
        {
            Assert.Equal(NcrError.Invalid, (await Assert.ThrowsAsync<NcrException>(() => setup.Members.SetAsync(setup.Admin, registry, "admin", role, default))).Error);
        }
    }

    [Fact]
    public async Task List_ShowsWhoHasWhich_AndSuggestFindsNames()
    {
        var registry = await setup.NewRegistryAsync();
        var (one, two) = (await setup.NewActorAsync(Role.None), await setup.NewActorAsync(Role.ServiceViewer));
        await setup.Members.SetAsync(setup.Admin, registry, one.Name.ToUpperInvariant(), Role.ServiceViewer, default);
        await setup.Members.SetAsync(setup.Admin, registry, one.Name, Role.ImageUploader, default);
        await setup.Members.SetAsync(setup.Admin, registry, two.Name, Role.ServiceAdmin, default);

        var members = await setup.Members.ListAsync(setup.Admin, registry, default);

        Assert.Equal(new[] { (one.Name, Role.ImageUploader), (two.Name, Role.ServiceAdmin) }.Order(), members.Select(m => (m.User, m.Role)).Order());
        Assert.Equal([one.Name], await setup.Members.SuggestAsync(setup.Admin, registry, one.Name[..12], default));
    }
}
