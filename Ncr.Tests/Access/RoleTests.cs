using System.Net;
using Ncr.Core.Access;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

public sealed class RoleTests(AccessSetup setup) : IClassFixture<AccessSetup>
{
    private static readonly (Role Role, RoleGroup Group)[] Roles =
    [
        (Role.None, RoleGroup.None),
        (Role.ProjectAdmin, RoleGroup.ProjectAdmin),
        (Role.ProjectMember, RoleGroup.OtherAdmins),
        (Role.ServiceAdmin, RoleGroup.OtherAdmins),
        (Role.ServiceViewer, RoleGroup.Viewer),
        (Role.ImageUploader, RoleGroup.Uploader),
    ];

    public static TheoryData<string> Wire => new(WireOperations.All.Keys);

    [Theory]
    [MemberData(nameof(Wire))]
    public async Task Wire_AllowsWhatTheRoleAllows(string operation)
    {
        var (allowed, send) = WireOperations.All[operation];
        foreach (var (role, group) in Roles)
        {
            var user = await setup.UserOfAsync(role);
            foreach (var http in new[] { user.Basic, user.Bearer })
            {
                var (image, manifest, blob) = await setup.NewImageAsync("team");
                using var response = await send(new WireOperations.Target(new RegistryClient(http, image.Name), manifest, blob));

                Assert.True((allowed & group) != 0 == await WireOperations.IsAllowedAsync(response, operation.StartsWith("look", StringComparison.Ordinal)), $"{operation} as {role} gave {(int)response.StatusCode}.");
            }
        }
    }

    [Fact]
    public async Task Uploader_PushesButIsToldWhyItCannotPull()
    {
        var user = await setup.UserOfAsync(Role.ImageUploader);
        foreach (var http in new[] { user.Basic, user.Bearer })
        {
            var image = new RegistryClient(http, RegistryClient.UniqueName());
            var manifest = await image.PushAsync(new ImageBuilder(), "v1");

            using var head = await image.HeadAsync("manifests/v1");
            using var get = await image.GetAsync("manifests/v1");

            Assert.Equal((HttpStatusCode.OK, manifest.Digest), (head.StatusCode, head.RequireHeader("Docker-Content-Digest")));
            await get.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", user.Actor.Name, "to pull images", "'team'", "administrator");
        }
    }

    [Theory]
    [InlineData(Role.ImageUploader, HttpStatusCode.Accepted)]
    [InlineData(Role.ServiceAdmin, HttpStatusCode.Created)]
    public async Task Mount_FromWhereOneMayNotPull_UploadsInstead(Role role, HttpStatusCode expected)
    {
        var user = await setup.UserOfAsync(role);
        var (source, _, blob) = await setup.NewImageAsync("other");
        foreach (var http in new[] { user.Basic, user.Bearer })
        {
            using var from = await new RegistryClient(http, RegistryClient.UniqueName()).StartUploadAsync($"?mount={blob}&from={source.Name}");
            using var anywhere = await new RegistryClient(http, RegistryClient.UniqueName()).StartUploadAsync($"?mount={blob}");

            Assert.Equal((expected, expected), (from.StatusCode, anywhere.StatusCode));
        }
    }

    [Theory]
    [InlineData("pull", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("pull,push", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("look", HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden)]
    [InlineData("delete", HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden)]
    public async Task Uploader_LooksWithATokenForPullingOrPushing(string actions, HttpStatusCode look, HttpStatusCode pull)
    {
        var user = await setup.UserOfAsync(Role.ImageUploader);
        var (image, _, _) = await setup.NewImageAsync("team");
        using var grant = await user.Basic.SendRawAsync(HttpMethod.Get, $"/auth/token?scope=repository:{image.Name}:{actions}");
        var body = await grant.ReadJsonAsync();
        using var anonymous = setup.Server.CreateClient(authenticated: false);
        anonymous.DefaultRequestHeaders.Authorization = new("Bearer", body.GetProperty("token").GetString());
        var seen = new RegistryClient(anonymous, image.Name);

        using var head = await seen.HeadAsync("manifests/v1");
        using var get = await seen.GetAsync("manifests/v1");

        Assert.Equal((look, pull), (head.StatusCode, get.StatusCode));
        Assert.Equal(actions == "pull,push" ? $"repository:{image.Name}:push" : "", body.GetProperty("scope").GetString());
    }

    [Fact]
    public async Task Everybody_HasKeysOfTheirOwn()
    {
        foreach (var (role, _) in Roles)
        {
            Assert.Single(await setup.Keys.ListOwnAsync((await setup.UserOfAsync(role)).Actor, CancellationToken.None));
        }
    }
}
