using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Access.Walk;

/// <summary>Every route of the running server, for everybody. And none is missing.</summary>
public sealed class RouteWalkTests(CallerSetup setup) : IClassFixture<CallerSetup>
{
    /// <summary>Only there in development, for files that came after the build.</summary>
    private const string AnyFile = "/{**path:file}";

    private IReadOnlyList<RouteEndpoint> Endpoints => [.. setup.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public static TheoryData<string> Routes => new([.. RouteTable.Endpoints.Keys, .. RouteTable.Others.Select(r => r.Url)]);

    [Fact]
    public void Routes_AreAllInTheTable()
    {
        var there = Endpoints.Where(e => !IsFile(e) && TemplateOf(e) != AnyFile).GroupBy(TemplateOf).ToDictionary(g => g.Key, g => g.SelectMany(MethodsOf).Order().Distinct().ToList());

        var known = RouteTable.Endpoints.ToDictionary(r => r.Key, r => MethodsOf(r.Value));
        string[] wrong =
        [
            .. there.Keys.Except(known.Keys).Select(k => $"{k} ({string.Join(", ", there[k])}) is new: say in the table who gets what there."),
            .. known.Keys.Except(there.Keys).Select(k => $"{k} is gone."),
            .. known.Keys.Intersect(there.Keys).Where(k => there[k].Count > 0 && !there[k].SequenceEqual(known[k])).Select(k => $"{k} takes {string.Join(", ", there[k])}."),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
        Assert.All(setup.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints, e => Assert.IsType<RouteEndpoint>(e));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Route_Answers_WhomTheTableSays(string route)
    {
        var row = RouteTable.Endpoints.GetValueOrDefault(route) ?? RouteTable.Others.Single(r => r.Url == route);
        var target = await setup.NewTargetAsync();
        var url = string.Format(CultureInfo.InvariantCulture, CompositeFormat.Parse(row.Url), target.Registry, target.Image.Image, target.Digest);
        var wrong = new List<string>();
        foreach (var caller in setup.Callers)
        {
            if (row.Get is not null)
            {
                using var answer = await caller.Session!.GetAsync(url);
                Compare("GET", caller, answer, row.Get(caller));
            }

            if (row.Post is not null)
            {
                using var answer = await caller.Session!.PostAsync(url);
                Compare("POST", caller, answer, row.Post(caller));
            }
        }

        Assert.True(wrong.Count == 0, $"{url}\n{string.Join('\n', wrong)}");
        foreach (var user in setup.Callers.Where(c => c.IsUser))
        {
            Assert.Equal((user, HttpStatusCode.OK), (user, await user.Session!.StatusAsync(ConsoleUrls.Account))); // None of it has signed anybody out.
        }

        void Compare(string method, Caller caller, HttpResponseMessage answer, int expected)
        {
            var location = answer.Headers.Location?.ToString();
            if ((int)answer.StatusCode != expected || (expected == 302 && location?.Contains(row.Target, StringComparison.Ordinal) != true))
            {
                wrong.Add($"{method} by {caller}: {(int)answer.StatusCode} {location}, not {expected}");
            }
        }
    }

    /// <summary>An access key is for clients: with it nobody gets more of the console than without.</summary>
    [Fact]
    public async Task AccessKey_OpensNothingOfTheConsole()
    {
        var admin = setup.Callers.Single(c => c.Everywhere == Core.Access.Role.ProjectAdmin);
        foreach (var (route, row) in RouteTable.Endpoints.Where(r => r.Value is { Get: not null } && !r.Key.Contains('{', StringComparison.Ordinal)))
        {
            using var answer = await admin.Client!.SendRawAsync(HttpMethod.Get, row.Url, null, ("Accept", "text/html"));
            Assert.Equal((route, row.Get!(setup.Callers.Single(c => c.Name == "nobody"))), (route, (int)answer.StatusCode));
        }
    }

    /// <summary>Styles, scripts and pictures are the same for all, and hold nothing of anybody.</summary>
    [Fact]
    public async Task Files_OfTheConsole_AreForEverybody()
    {
        var nobody = setup.Callers.Single(c => c.Name == "nobody");
        var files = Endpoints.Where(IsFile).Select(TemplateOf).Where(t => t != AnyFile).Distinct().ToList();

        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Assert.Equal((file, HttpStatusCode.OK), (file, await nobody.Session!.StatusAsync(file)));
        }
    }

    private static bool IsFile(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null;

    private static string TemplateOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private static string[] MethodsOf(RouteRow row) => [.. row.Get is null ? Array.Empty<string>() : ["GET"], .. row.Post is null ? Array.Empty<string>() : ["POST"]];

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
}
