using System.Net;
using Microsoft.AspNetCore.Http;
using Ncr.Core.Access;
using Ncr.Registry.Protocol;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access.Walk;

/// <summary>Every resource of <c>/v2</c> with every method, for everybody. And none is missing.</summary>
public sealed class RegistryWalkTests(CallerSetup setup) : IClassFixture<CallerSetup>
{
    private const RoleGroup Pullers = RoleGroup.Admins | RoleGroup.Viewer;
    private const RoleGroup Pushers = RoleGroup.Admins | RoleGroup.Uploader;

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

    /// <summary>Who pushes may look (HEAD) whether something is there, as clients do first.</summary>
    private static readonly Dictionary<(RegistryResource Resource, string Method), (RoleGroup Roles, Reach Reach)> Table = new()
    {
        [(RegistryResource.Base, "GET")] = (RoleGroup.All, Reach.Own),
        [(RegistryResource.Base, "HEAD")] = (RoleGroup.All, Reach.Own),
        [(RegistryResource.Catalog, "GET")] = (RoleGroup.All, Reach.Lists),
        [(RegistryResource.Catalog, "HEAD")] = (RoleGroup.All, Reach.Lists),
        [(RegistryResource.Tags, "GET")] = (RoleGroup.All, Reach.Registry),
        [(RegistryResource.Tags, "HEAD")] = (RoleGroup.All, Reach.Registry),
        [(RegistryResource.Referrers, "GET")] = (RoleGroup.All, Reach.Registry),
        [(RegistryResource.Referrers, "HEAD")] = (RoleGroup.All, Reach.Registry),
        [(RegistryResource.Manifest, "GET")] = (Pullers, Reach.Registry),
        [(RegistryResource.Manifest, "HEAD")] = (RoleGroup.All, Reach.Registry),
        [(RegistryResource.Manifest, "PUT")] = (Pushers, Reach.Registry),
        [(RegistryResource.Manifest, "DELETE")] = (RoleGroup.Admins, Reach.Registry),
        [(RegistryResource.Blob, "GET")] = (Pullers, Reach.Registry),
        [(RegistryResource.Blob, "HEAD")] = (RoleGroup.All, Reach.Registry),
        [(RegistryResource.Blob, "DELETE")] = (RoleGroup.Admins, Reach.Registry),
        [(RegistryResource.Uploads, "POST")] = (Pushers, Reach.Registry),
        [(RegistryResource.Upload, "GET")] = (Pushers, Reach.Registry),
        [(RegistryResource.Upload, "PATCH")] = (Pushers, Reach.Registry),
        [(RegistryResource.Upload, "PUT")] = (Pushers, Reach.Registry),
        [(RegistryResource.Upload, "DELETE")] = (Pushers, Reach.Registry),
    };

    public static TheoryData<string> Resources => new(Enum.GetNames<RegistryResource>());

    [Theory]
    [MemberData(nameof(Resources))]
    public async Task Resource_IsFor_WhomTheTableSays(string name)
    {
        var resource = Enum.Parse<RegistryResource>(name);
        var target = await setup.NewTargetAsync();
        var wrong = new List<string>();
        foreach (var method in Methods)
        {
            var isThere = Table.TryGetValue((resource, method), out var who);
            foreach (var caller in setup.Callers)
            {
                Forgive(caller);
                using var answer = await SendAsync(target, resource, method, caller);
                var expected = !isThere ? HttpStatusCode.MethodNotAllowed : !caller.IsUser ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden;
                if (isThere && caller.May(who.Roles, who.Reach) ? !answer.IsSuccessStatusCode : answer.StatusCode != expected)
                {
                    wrong.Add($"{method} by {caller}: {(int)answer.StatusCode}");
                }

                if (answer.IsSuccessStatusCode && method == "DELETE" && resource == RegistryResource.Manifest)
                {
                    target = await setup.NewTargetAsync();
                }
            }
        }

        Assert.True(wrong.Count == 0, $"{resource}\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Resources_AreAllInTheTable_WithAllTheirMethods() =>
        Assert.Equal(
            Enum.GetValues<RegistryResource>().SelectMany(r => RegistryPermissions.AllowOf(r).Split(", ").Select(m => (r, m))).Order(),
            Table.Keys.Select(k => (k.Resource, k.Method)).Order());

    [Fact]
    public async Task Token_GrantsEverybody_WhatTheyMay()
    {
        var target = await setup.NewTargetAsync();
        foreach (var caller in setup.Callers)
        {
            Forgive(caller);
            using var answer = await caller.Client!.SendRawAsync(HttpMethod.Get, $"/auth/token?service=ncr&scope=repository:{target.Image}:pull,push,delete&scope=registry:catalog:*");
            if (!caller.IsUser)
            {
                await answer.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
                continue;
            }

            string[] actions =
            [
                .. caller.May(Pullers, Reach.Registry) ? new[] { "pull" } : [],
                .. caller.May(Pushers, Reach.Registry) ? new[] { "push" } : [],
                .. caller.May(RoleGroup.Admins, Reach.Registry) ? new[] { "delete" } : [],
            ];
            string[] expected =
            [
                .. actions.Length > 0 ? new[] { $"repository:{target.Image}:{string.Join(',', actions)}" } : [],
                .. caller.May(RoleGroup.All, Reach.Lists) ? new[] { "registry:catalog:*" } : [],
            ];
            Assert.Equal((caller, string.Join(' ', expected)), (caller, (await answer.ReadJsonAsync()).GetProperty("scope").GetString()));
        }
    }

    /// <summary>A key that is not there any more is one that somebody guesses, which is slowed down.</summary>
    private void Forgive(Caller caller)
    {
        if (caller.Name.Contains("deleted", StringComparison.Ordinal))
        {
            setup.Access.Clock.Advance(TimeSpan.FromMinutes(16));
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(CoreTarget target, RegistryResource resource, string method, Caller caller)
    {
        var image = target.Pushed;
        var content = Oci.RandomBytes(20);
        var url = resource switch
        {
            RegistryResource.Base => "/v2/",
            RegistryResource.Catalog => "/v2/_catalog",
            RegistryResource.Tags => image.Url("tags/list"),
            RegistryResource.Referrers => image.Url($"referrers/{target.Digest}"),
            RegistryResource.Manifest => image.Url("manifests/v1"),
            RegistryResource.Blob => image.Url($"blobs/{await image.PushBlobAsync(content)}"), // One that nothing needs, so that it can be deleted.
            RegistryResource.Uploads => image.Url("blobs/uploads/"),
            _ => await image.OpenUploadAsync(),
        };
        if (resource == RegistryResource.Upload && method == "PUT")
        {
            url = RegistryClient.WithQuery(url, "digest=" + Oci.Digest(content));
        }

        using var body = new ByteArrayContent(resource == RegistryResource.Manifest ? target.Manifest : content);
        body.Headers.TryAddWithoutValidation("Content-Type", resource == RegistryResource.Manifest ? Oci.Manifest : "application/octet-stream");
        var withBody = HttpMethods.IsPut(method) || HttpMethods.IsPatch(method);
        return await caller.Client!.SendRawAsync(new HttpMethod(method), url, withBody ? body : null);
    }
}
