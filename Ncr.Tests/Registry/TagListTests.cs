using System.Net;
using System.Text.Json;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class TagListTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly byte[] Body = Oci.IndexOf([]);

    [Fact]
    public async Task Get_GivesNameAndTagsInOrder()
    {
        var image = await WithTagsAsync("v10", "v9", "V1", "latest", "_x", "0");

        using var response = await image.GetAsync("tags/list");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var list = await response.ReadJsonAsync();
        Assert.Equal(image.Name, list.GetProperty("name").GetString());
        // As Go's sort.Strings does: by the bytes.
        Assert.Equal(["0", "V1", "_x", "latest", "v10", "v9"], Tags(list));
        Assert.Null(response.NextLink());
    }

    [Fact]
    public async Task Get_OfAnImageWithoutTags_GivesAnEmptyList()
    {
        var image = fixture.NewImage();
        await image.PushManifestAsync(Body, Oci.Index);

        var list = await image.GetJsonAsync("tags/list");

        Assert.Equal(JsonValueKind.Array, list.GetProperty("tags").ValueKind);
        Assert.Empty(Tags(list));
    }

    [Fact]
    public async Task Get_OfAnUnknownImage_Answers404()
    {
        var image = fixture.NewImage();

        using var response = await image.GetAsync("tags/list");

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", image.Name.Split('/'));
    }

    [Fact]
    public async Task Get_WithN_GivesThatManyAndALink()
    {
        var image = await WithTagsAsync("a", "b", "c", "d", "e");

        using var response = await image.GetAsync("tags/list?n=2");

        Assert.Equal(["a", "b"], Tags(await response.ReadJsonAsync()));
        var next = response.NextLink();
        Assert.NotNull(next);
        Assert.Contains("n=2", next, StringComparison.Ordinal);
        Assert.Contains("last=b", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_FollowingTheLinks_GivesAllOnce()
    {
        var image = await WithTagsAsync("a", "b", "c", "d", "e");

        Assert.Equal(["a", "b", "c", "d", "e"], await FollowAsync(image, image.Url("tags/list?n=2"), 3));
    }

    [Theory]
    [InlineData("n=5")]
    [InlineData("n=6")]
    [InlineData("n=100000")]
    [InlineData("n=2&last=c")]
    public async Task Get_OfTheLastPage_HasNoLink(string query)
    {
        var image = await WithTagsAsync("a", "b", "c", "d", "e");

        using var response = await image.GetAsync("tags/list?" + query);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("e", Tags(await response.ReadJsonAsync())[^1]);
        Assert.Null(response.NextLink());
    }

    [Fact]
    public async Task Get_WithZero_GivesAnEmptyListWithoutLink()
    {
        var image = await WithTagsAsync("a", "b");

        using var response = await image.GetAsync("tags/list?n=0");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(Tags(await response.ReadJsonAsync()));
        Assert.Null(response.Header("Link"));
    }

    [Theory]
    [InlineData("last=b", "c d")]
    [InlineData("last=bb", "c d")]
    [InlineData("last=0", "a b c d")]
    [InlineData("last=d", "")]
    [InlineData("last=B", "a b c d")]
    [InlineData("last=b&n=1", "c")]
    public async Task Get_WithLast_GivesWhatComesAfter(string query, string expected)
    {
        var image = await WithTagsAsync("a", "b", "c", "d");

        var list = await image.GetJsonAsync("tags/list?" + query);

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Tags(list));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public async Task Get_WithABadPageSize_Answers400(string n)
    {
        var image = await WithTagsAsync("a");

        using var response = await image.GetAsync("tags/list?n=" + n);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "PAGINATION_NUMBER_INVALID");
    }

    [Fact]
    public async Task Get_OfTenThousand_GivesThemWholeAndInPages()
    {
        var image = fixture.NewImage();
        var tags = Enumerable.Range(0, 10_000).Select(i => $"t{i:d5}").ToArray();
        var pushes = tags.Chunk(10).Select(c => string.Join('&', c.Select(t => "tag=" + t)));
        await Parallel.ForEachAsync(pushes, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (query, _) =>
        {
            using var response = await image.PutManifestAsync($"{Oci.Digest(Body)}?{query}", Body, Oci.Index);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        });

        using var whole = await image.GetAsync("tags/list");

        Assert.Equal(tags, Tags(await whole.ReadJsonAsync()));
        Assert.Null(whole.NextLink());
        Assert.Equal(tags, Tags(await image.GetJsonAsync("tags/list?n=10000")));
        Assert.Equal(tags, await FollowAsync(image, image.Url("tags/list?n=1000"), 10));
    }

    private async Task<RegistryClient> WithTagsAsync(params string[] tags)
    {
        var image = fixture.NewImage();
        foreach (var tag in tags)
        {
            await image.PushManifestAsync(Body, Oci.Index, tag);
        }

        return image;
    }

    private static string[] Tags(JsonElement list) => [.. list.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!)];

    private static async Task<string[]> FollowAsync(RegistryClient image, string first, int expectedPages)
    {
        var (all, pages) = (new List<string>(), 0);
        for (var next = first; next is not null && pages < expectedPages + 1; pages++)
        {
            using var response = await image.Http.SendRawAsync(HttpMethod.Get, next);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            all.AddRange(Tags(await response.ReadJsonAsync()));
            next = response.NextLink();
        }

        Assert.Equal(expectedPages, pages);
        return [.. all];
    }
}
