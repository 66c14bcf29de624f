using System.Net;
using System.Text.Json;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class ReferrersTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Sbom = "application/vnd.example.sbom.v1+json";
    private const string Signature = "application/vnd.example.signature.v1";

    [Fact]
    public async Task Get_OfASubjectWithoutReferrers_GivesAnEmptyIndex()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");

        using var response = await image.GetAsync("referrers/" + subject.Digest);

        await AssertEmptyAsync(response);
    }

    [Fact]
    public async Task Get_OfAnUnknownSubject_GivesAnEmptyIndex()
    {
        var image = fixture.NewImage();
        await image.PushAsync(new ImageBuilder(), "v1");

        using var response = await image.GetAsync("referrers/" + Oci.UnknownDigest());

        await AssertEmptyAsync(response);
    }

    [Fact]
    public async Task Get_InAnUnknownImage_GivesAnEmptyIndex()
    {
        using var response = await fixture.NewImage().GetAsync("referrers/" + Oci.UnknownDigest());

        await AssertEmptyAsync(response);
    }

    [Theory]
    [InlineData("sha256:nonsense")]
    [InlineData("latest")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    public async Task Get_OfSomethingThatIsNoDigest_Answers400(string digest)
    {
        using var response = await fixture.NewImage().GetAsync("referrers/" + digest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Fact]
    public async Task Get_OfAnArtifact_GivesTypeSizeAndAnnotations()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var sbom = await AttachAsync(image, subject, Sbom, new() { ["org.example.format"] = "json", ["ünïcode"] = "日本語" });

        var entry = Assert.Single(await ListAsync(image, subject.Digest));

        Assert.Equal(Oci.Manifest, entry.GetProperty("mediaType").GetString());
        Assert.Equal(sbom.Digest, entry.GetProperty("digest").GetString());
        Assert.Equal(sbom.Body.Length, entry.GetProperty("size").GetInt64());
        Assert.Equal(Sbom, entry.GetProperty("artifactType").GetString());
        Assert.Equal("json", entry.GetProperty("annotations").GetProperty("org.example.format").GetString());
        Assert.Equal("日本語", entry.GetProperty("annotations").GetProperty("ünïcode").GetString());
    }

    [Fact]
    public async Task Get_OfAManifestWithoutArtifactType_GivesTheConfigsMediaType()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        await image.PushAsync(new ImageBuilder { ConfigType = "application/vnd.example.config.v1", Subject = subject.Descriptor() });

        var entry = Assert.Single(await ListAsync(image, subject.Digest));

        Assert.Equal("application/vnd.example.config.v1", entry.GetProperty("artifactType").GetString());
    }

    [Fact]
    public async Task Get_OfAnIndex_GivesItsOwnArtifactTypeOrNone()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var plain = await image.PushManifestAsync(Oci.IndexOf([], change: i => i["subject"] = subject.Descriptor()), Oci.Index);
        var typed = await image.PushManifestAsync(Oci.IndexOf([], change: i => { i["artifactType"] = Sbom; i["subject"] = subject.Descriptor(); }), Oci.Index);

        var entries = (await ListAsync(image, subject.Digest)).ToDictionary(e => e.GetProperty("digest").GetString()!);

        Assert.Equal(2, entries.Count);
        Assert.Equal(Oci.Index, entries[plain.Digest].GetProperty("mediaType").GetString());
        Assert.False(entries[plain.Digest].TryGetProperty("artifactType", out _));
        Assert.Equal(Sbom, entries[typed.Digest].GetProperty("artifactType").GetString());
    }

    [Fact]
    public async Task Get_WithAnArtifactType_GivesOnlyThoseAndSaysSo()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var sbom = await AttachAsync(image, subject, Sbom);
        await AttachAsync(image, subject, Signature);

        using var response = await image.GetAsync($"referrers/{subject.Digest}?artifactType={Uri.EscapeDataString(Sbom)}");

        Assert.Equal("artifactType", response.RequireHeader("OCI-Filters-Applied"));
        Assert.Equal([sbom.Digest], Digests(await response.ReadJsonAsync()));
    }

    [Fact]
    public async Task Get_WithAnArtifactTypeNobodyHas_GivesAnEmptyIndex()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        await AttachAsync(image, subject, Sbom);

        using var response = await image.GetAsync($"referrers/{subject.Digest}?artifactType=application/vnd.example.other");

        Assert.Equal("artifactType", response.RequireHeader("OCI-Filters-Applied"));
        await AssertEmptyAsync(response);
    }

    [Fact]
    public async Task Get_WithoutAFilter_ClaimsNone()
    {
        using var response = await fixture.NewImage().GetAsync("referrers/" + Oci.UnknownDigest());

        Assert.Null(response.Header("OCI-Filters-Applied"));
    }

    [Fact]
    public async Task Get_OfManyInPages_GivesEachOnce()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var pushed = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            pushed.Add((await AttachAsync(image, subject, i == 4 ? Signature : Sbom)).Digest);
        }

        var pages = await PagesAsync(image, image.Url($"referrers/{subject.Digest}?n=2"));

        Assert.Equal([2, 2, 1], pages.Select(p => p.Length));
        Assert.Equal(pushed.Order(StringComparer.Ordinal), pages.SelectMany(p => p).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Get_OfManyInPages_KeepsTheFilter()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var pushed = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var attached = await AttachAsync(image, subject, i % 2 == 0 ? Sbom : Signature);
            if (i % 2 == 0)
            {
                pushed.Add(attached.Digest);
            }
        }

        var pages = await PagesAsync(image, image.Url($"referrers/{subject.Digest}?n=2&artifactType={Uri.EscapeDataString(Sbom)}"));

        Assert.Equal([2, 1], pages.Select(p => p.Length));
        Assert.Equal(pushed.Order(StringComparer.Ordinal), pages.SelectMany(p => p).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Get_OfExactlyOnePage_HasNoLink()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        await AttachAsync(image, subject, Sbom);
        await AttachAsync(image, subject, Signature);

        using var response = await image.GetAsync($"referrers/{subject.Digest}?n=2");

        Assert.Equal(2, Digests(await response.ReadJsonAsync()).Length);
        Assert.Null(response.NextLink());
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    public async Task Get_WithABadPageSize_Answers400(string n)
    {
        using var response = await fixture.NewImage().GetAsync($"referrers/{Oci.UnknownDigest()}?n={n}");

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "PAGINATION_NUMBER_INVALID");
    }

    [Fact]
    public async Task Get_AfterThePushOfTheSameAgain_GivesItOnce()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var sbom = await AttachAsync(image, subject, Sbom);
        await image.PushManifestAsync(sbom.Body, sbom.MediaType, "again");

        Assert.Single(await ListAsync(image, subject.Digest));
    }

    [Fact]
    public async Task Get_AfterTheDeleteOfAReferrer_LeavesItOut()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var sbom = await AttachAsync(image, subject, Sbom);
        var signature = await AttachAsync(image, subject, Signature);

        using var delete = await image.DeleteAsync("manifests/" + sbom.Digest);

        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);
        Assert.Equal(signature.Digest, Assert.Single(await ListAsync(image, subject.Digest)).GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Get_OfAReferrersReferrer_GivesTheNextStepOnly()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var sbom = await AttachAsync(image, subject, Sbom);
        var signature = await AttachAsync(image, sbom, Signature);

        Assert.Equal(sbom.Digest, Assert.Single(await ListAsync(image, subject.Digest)).GetProperty("digest").GetString());
        Assert.Equal(signature.Digest, Assert.Single(await ListAsync(image, sbom.Digest)).GetProperty("digest").GetString());
    }

    private static Task<PushedManifest> AttachAsync(RegistryClient image, PushedManifest subject, string artifactType, Dictionary<string, string>? annotations = null)
    {
        var content = new ImageBuilder(1, config: "{}"u8.ToArray())
        {
            ArtifactType = artifactType,
            ConfigType = Oci.EmptyJson,
            LayerType = artifactType,
            Subject = subject.Descriptor(),
            Annotations = annotations,
        };
        return image.PushAsync(content);
    }

    private static async Task<JsonElement[]> ListAsync(RegistryClient image, string digest) =>
        [.. (await image.GetJsonAsync("referrers/" + digest)).GetProperty("manifests").EnumerateArray()];

    private static string[] Digests(JsonElement index) =>
        [.. index.GetProperty("manifests").EnumerateArray().Select(m => m.GetProperty("digest").GetString()!)];

    private static async Task<List<string[]>> PagesAsync(RegistryClient image, string first)
    {
        var pages = new List<string[]>();
        for (var next = first; next is not null && pages.Count < 10;)
        {
            using var response = await image.Http.SendRawAsync(HttpMethod.Get, next);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(Oci.Index, response.RequireHeader("Content-Type"));
            pages.Add(Digests(await response.ReadJsonAsync()));
            next = response.NextLink();
        }

        return pages;
    }

    private static async Task AssertEmptyAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Oci.Index, response.RequireHeader("Content-Type"));
        var index = await response.ReadJsonAsync();
        Assert.Equal(2, index.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(Oci.Index, index.GetProperty("mediaType").GetString());
        Assert.Empty(index.GetProperty("manifests").EnumerateArray());
        Assert.Null(response.NextLink());
    }

    [Fact]
    public async Task Get_OfReferrersWithLargeAnnotations_ComesInPagesThatClientsTake()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder());
        var pushed = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            pushed.Add((await image.PushAsync(new ImageBuilder(1) { ArtifactType = "application/vnd.acme.big", Subject = subject.Descriptor(), Annotations = new() { [$"n{i}"] = new string('x', 1_500_000) } })).Digest);
        }

        var found = new List<string>();
        for (var url = image.Url($"referrers/{subject.Digest}"); url is not null;)
        {
            using var response = await image.Http.GetAsync(new Uri(url, UriKind.Relative));
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.InRange(body.Length, 1, 4 * 1024 * 1024);
            using var json = System.Text.Json.JsonDocument.Parse(body);
            found.AddRange(json.RootElement.GetProperty("manifests").EnumerateArray().Select(m => m.GetProperty("digest").GetString()!));
            url = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal(pushed.Order(), found);
    }
}
