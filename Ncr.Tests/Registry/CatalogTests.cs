using System.Net;
using System.Text.Json;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class CatalogTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly byte[] Body = Oci.IndexOf([]);

    [Fact]
    public async Task Get_GivesWholeNamesInOrder()
    {
        var start = await WithImagesAsync("b", "a/x", "a");

        using var response = await fixture.Http.GetAsync("/v2/_catalog");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var names = Names(await response.ReadJsonAsync());
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal([start + "a", start + "a/x", start + "b"], names.Where(n => n.StartsWith(start, StringComparison.Ordinal)));
        Assert.Null(response.NextLink());
    }

    [Fact]
    public async Task Get_WithNAndLast_GivesAPageAndALink()
    {
        var start = await WithImagesAsync("a", "b", "c", "d");

        using var response = await fixture.Http.GetAsync($"/v2/_catalog?n=2&last={start}a");
        var next = response.NextLink();
        Assert.NotNull(next);
        using var second = await fixture.Http.SendRawAsync(HttpMethod.Get, next);

        Assert.Equal([start + "b", start + "c"], Names(await response.ReadJsonAsync()));
        Assert.Equal(start + "d", Names(await second.ReadJsonAsync())[0]);
    }

    [Fact]
    public async Task Get_AfterANameThatIsNotThere_GivesWhatComesAfterIt()
    {
        var start = await WithImagesAsync("a", "c");

        using var response = await fixture.Http.GetAsync($"/v2/_catalog?n=1&last={start}b");

        Assert.Equal([start + "c"], Names(await response.ReadJsonAsync()));
    }

    [Fact]
    public async Task Get_AfterTheLast_GivesAnEmptyListWithoutLink()
    {
        await WithImagesAsync("a");

        using var response = await fixture.Http.GetAsync("/v2/_catalog?n=10&last=zzzz");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(Names(await response.ReadJsonAsync()));
        Assert.Null(response.NextLink());
    }

    [Fact]
    public async Task Get_WithZero_GivesAnEmptyListWithoutLink()
    {
        await WithImagesAsync("a");

        using var response = await fixture.Http.GetAsync("/v2/_catalog?n=0");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(Names(await response.ReadJsonAsync()));
        Assert.Null(response.Header("Link"));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    public async Task Get_WithABadPageSize_Answers400(string n)
    {
        using var response = await fixture.Http.GetAsync("/v2/_catalog?n=" + n);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "PAGINATION_NUMBER_INVALID");
    }

    [Fact]
    public async Task Get_WithATokenForTheCatalog_GivesIt()
    {
        var start = await WithImagesAsync("a");

        using var response = await GetWithTokenAsync("registry:catalog:*");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(start + "a", Names(await response.ReadJsonAsync()));
    }

    [Fact]
    public async Task Get_WithATokenForAnImage_IsRefused()
    {
        using var response = await GetWithTokenAsync("repository:team/app:pull");

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal("insufficient_scope", Challenge.Of(response).Error);
        Assert.Equal("registry:catalog:*", Challenge.Of(response).Scope);
    }

    [Fact]
    public async Task Get_OfTenThousand_GivesThemWholeAndInPages()
    {
        var images = Enumerable.Range(0, 10_000).Select(i => $"team/many/c{i:d5}").ToArray();
        await Parallel.ForEachAsync(images, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (name, _) =>
            await new RegistryClient(fixture.Http, name).PushManifestAsync(Body, Oci.Index, "latest"));

        using var whole = await fixture.Http.GetAsync("/v2/_catalog");
        Assert.Equal(images, Names(await whole.ReadJsonAsync()).Where(IsOne));
        Assert.Null(whole.NextLink());

        var paged = new List<string>();
        for (var next = "/v2/_catalog?n=1000"; next is not null && paged.Count < 20_000;)
        {
            using var response = await fixture.Http.SendRawAsync(HttpMethod.Get, next);
            var page = Names(await response.ReadJsonAsync());
            next = response.NextLink();
            Assert.True(next is null ? page.Length is > 0 and <= 1000 : page.Length == 1000);
            paged.AddRange(page);
        }

        Assert.Equal(images, paged.Where(IsOne));
        Assert.Equal(paged.Distinct(), paged);

        static bool IsOne(string name) => name.StartsWith("team/many/", StringComparison.Ordinal);
    }

    private async Task<string> WithImagesAsync(params string[] names)
    {
        var start = RegistryClient.UniqueName("other") + "/";
        foreach (var name in names)
        {
            await new RegistryClient(fixture.Http, start + name).PushManifestAsync(Body, Oci.Index, "latest");
        }

        return start;
    }

    private async Task<HttpResponseMessage> GetWithTokenAsync(string scope)
    {
        using var grant = await fixture.Http.GetAsync("/auth/token?service=ncr&scope=" + scope);
        var token = (await grant.ReadJsonAsync()).GetProperty("token").GetString();
        return await fixture.Anonymous.SendRawAsync(HttpMethod.Get, "/v2/_catalog", null, ("Authorization", "Bearer " + token));
    }

    private static string[] Names(JsonElement list) => [.. list.GetProperty("repositories").EnumerateArray().Select(t => t.GetString()!)];
}
