using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class ManifestPushTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int Limit = 4 * 1024 * 1024;

    [Fact]
    public async Task Put_ByTag_AnswersWithLocationAndDigest()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder());
        var body = built.Build();

        using var response = await image.PutManifestAsync("v1.0", body, Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(Oci.Digest(body), response.RequireHeader("Docker-Content-Digest"));
        Assert.Null(response.Header("OCI-Subject"));
        using var get = await image.Http.SendRawAsync(HttpMethod.Get, response.RequireHeader("Location"));
        Assert.Equal(body, await get.Content.ReadAsByteArrayAsync());
        Assert.Equal(["v1.0"], await image.TagsAsync());
    }

    [Fact]
    public async Task Put_ByDigest_MakesNoTag()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder());
        var body = built.Build();

        using var response = await image.PutManifestAsync(Oci.Digest(body), body, Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.EndsWith(image.Url("manifests/" + Oci.Digest(body)), response.RequireHeader("Location"), StringComparison.Ordinal);
        Assert.Null(response.Header("OCI-Tag"));
        Assert.Empty(await image.TagsAsync());
    }

    [Fact]
    public async Task Put_Twice_AnswersTheSame()
    {
        var image = fixture.NewImage();
        var first = await image.PushAsync(new ImageBuilder(), "v1");

        using var again = await image.PutManifestAsync("v1", first.Body, first.MediaType);

        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(["v1"], await image.TagsAsync());
    }

    [Fact]
    public async Task Put_ToATagInUse_MovesIt()
    {
        var image = fixture.NewImage();
        var first = await image.PushAsync(new ImageBuilder(), "latest");
        var second = await image.PushAsync(new ImageBuilder(), "latest");

        using var byTag = await image.HeadAsync("manifests/latest");
        using var old = await image.HeadAsync("manifests/" + first.Digest);

        Assert.Equal(second.Digest, byTag.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(HttpStatusCode.OK, old.StatusCode);
        Assert.Equal(["latest"], await image.TagsAsync());
    }

    public static TheoryData<string, string, string> Kinds => new()
    {
        { Oci.Manifest, Oci.Config, Oci.Layer },
        { Oci.DockerManifest, Oci.DockerConfig, Oci.DockerLayer },
        { Oci.Manifest, "application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip" },
        { Oci.Manifest, "application/vnd.example.nobody.knows.v7+json", "text/plain" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Put_OfAKnownManifestType_TakesAnyConfigAndLayerType(string mediaType, string configType, string layerType)
    {
        var image = fixture.NewImage();

        var pushed = await image.PushAsync(new ImageBuilder { MediaType = mediaType, ConfigType = configType, LayerType = layerType }, "it");

        using var get = await image.GetAsync("manifests/it");
        Assert.Equal(mediaType, get.RequireHeader("Content-Type"));
        Assert.Equal(pushed.Body, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Put_OfAnArtifact_IsTaken()
    {
        var image = fixture.NewImage();

        var pushed = await image.PushAsync(ImageBuilder.Artifact("application/vnd.example.thing.v1"), "thing");

        using var get = await image.GetAsync("manifests/thing");
        Assert.Equal(pushed.Body, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Put_OfAnArtifactWithoutContent_MayNameTheSameBlobTwice()
    {
        var image = fixture.NewImage();
        var empty = new ImageBuilder(config: "{}"u8.ToArray(), layerContents: ["{}"u8.ToArray()])
        {
            ArtifactType = "application/vnd.example.thing.v1",
            ConfigType = Oci.EmptyJson,
            LayerType = Oci.EmptyJson,
        };

        await image.PushAsync(empty, "thing");
    }

    [Fact]
    public async Task Put_WithoutLayers_IsTaken() => await fixture.NewImage().PushAsync(new ImageBuilder(layers: 0), "config-only");

    [Theory]
    [InlineData(Oci.Index, Oci.Manifest)]
    [InlineData(Oci.DockerList, Oci.DockerManifest)]
    public async Task Put_OfAnIndex_IsTaken(string indexType, string manifestType)
    {
        var image = fixture.NewImage();
        var children = new[] { await image.PushAsync(new ImageBuilder { MediaType = manifestType }), await image.PushAsync(new ImageBuilder { MediaType = manifestType }) };
        var body = Oci.IndexOf(children.Select(c => c.Descriptor()), indexType);

        var pushed = await image.PushManifestAsync(body, indexType, "multi");

        using var get = await image.GetAsync("manifests/multi");
        Assert.Equal(indexType, get.RequireHeader("Content-Type"));
        Assert.Equal(pushed.Digest, get.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(body, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Put_OfAnIndexOfIndexes_IsTaken()
    {
        var image = fixture.NewImage();
        var child = await image.PushAsync(new ImageBuilder());
        var inner = await image.PushManifestAsync(Oci.IndexOf([child.Descriptor()]), Oci.Index);

        await image.PushManifestAsync(Oci.IndexOf([inner.Descriptor(), child.Descriptor()]), Oci.Index, "nested");
    }

    [Fact]
    public async Task Put_OfAnIndexWithNothingInIt_IsTaken() => await fixture.NewImage().PushManifestAsync(Oci.IndexOf([]), Oci.Index, "empty");

    [Fact]
    public async Task Put_OfABuildCacheIndex_ChecksItsEntriesAsBlobs()
    {
        // buildkit's registry cache is an index whose entries are layers and a cache config, not manifests.
        var image = fixture.NewImage();
        var (layer, config) = (Oci.RandomBytes(50), Oci.RandomBytes(20));
        var body = Oci.IndexOf([Oci.Descriptor(Oci.Layer, layer), Oci.Descriptor("application/vnd.buildkit.cacheconfig.v0", config)]);
        await image.PushBlobAsync(layer);

        using var early = await image.PutManifestAsync("cache", body, Oci.Index);
        var errors = await early.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_BLOB_UNKNOWN");
        Assert.Equal(Oci.Digest(config), Assert.Single(errors).GetProperty("detail").GetProperty("digest").GetString());

        await image.PushBlobAsync(config);
        await image.PushManifestAsync(body, Oci.Index, "cache");
    }

    [Fact]
    public async Task Put_OfOddButValidJson_KeepsItsBytes()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder());
        var plain = Encoding.UTF8.GetString(built.Build());
        var odd = Encoding.UTF8.GetBytes("\r\n\t" + plain.Insert(plain.Length - 1, """
              ,
            "annotations" :   { "org.example.ünïcode" : "日本語 \u00e9\uD83D\uDE00 é \/ <&>", "empty":"" },
              "x-unknown": { "number": 1.0e+2, "big": 12345678901234567890123, "null": null, "nested": [ [ ], { } ] }
            """) + "\n\n  ");

        using var put = await image.PutManifestAsync("odd", odd, Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(Oci.Digest(odd), put.RequireHeader("Docker-Content-Digest"));
        using var byTag = await image.GetAsync("manifests/odd");
        using var byDigest = await image.GetAsync("manifests/" + Oci.Digest(odd));
        Assert.Equal(odd, await byTag.Content.ReadAsByteArrayAsync());
        Assert.Equal(odd, await byDigest.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Put_WithDataInDescriptors_KeepsIt()
    {
        var image = fixture.NewImage();
        var content = "{}"u8.ToArray();
        var built = new ImageBuilder(config: content) { ConfigType = Oci.EmptyJson, Change = m => m["config"]!["data"] = Convert.ToBase64String(content) };

        var pushed = await image.PushAsync(built, "data");

        using var get = await image.GetAsync("manifests/data");
        Assert.Equal(pushed.Body, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Put_WithParametersOnTheContentType_IgnoresThem()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder());

        using var put = await image.PutManifestAsync("v1", built.Build(), Oci.Manifest + "; charset=utf-8");

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        using var head = await image.HeadAsync("manifests/v1");
        Assert.Equal(Oci.Manifest, head.RequireHeader("Content-Type"));
    }

    [Fact]
    public async Task Put_WithoutMediaTypeInTheDocument_GoesByTheContentType()
    {
        var image = fixture.NewImage();

        await image.PushAsync(new ImageBuilder { Change = m => m.Remove("mediaType") }, "v1");

        using var head = await image.HeadAsync("manifests/v1");
        Assert.Equal(Oci.Manifest, head.RequireHeader("Content-Type"));
    }

    [Fact]
    public async Task Put_OfExactlyTheLargestSize_IsTaken()
    {
        var image = fixture.NewImage();
        var body = await SizedAsync(image, Limit);

        using var response = await image.PutManifestAsync("large", body, Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        using var get = await image.GetAsync("manifests/large");
        Assert.Equal(body, await get.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Put_LargerThanThat_Answers413(bool chunked)
    {
        var image = fixture.NewImage();
        var body = await SizedAsync(image, Limit + 1);
        using var request = new HttpRequestMessage(HttpMethod.Put, image.Url("manifests/large")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", Oci.Manifest);
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await image.Http.SendAsync(request);

        await response.AssertErrorAsync(HttpStatusCode.RequestEntityTooLarge, "SIZE_INVALID", "4 MiB");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{\"schemaVersion\":2,")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}")]
    [InlineData("{\"schemaVersion\":2,\"config\":[],\"layers\":{}}")]
    public async Task Put_OfABrokenDocument_SaysWhy(string body)
    {
        using var response = await fixture.NewImage().PutManifestAsync("broken", Encoding.UTF8.GetBytes(body), Oci.Manifest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    public static TheoryData<string, Action<JsonObject>> Contradictions => new()
    {
        { "schemaVersion", m => m["schemaVersion"] = 3 },
        { "config", m => m.Remove("config") },
        { "layers", m => m["layers"] = "text" },
        { "digest", m => m["config"]!["digest"] = "sha256:nonsense" },
        { "digest", m => m["layers"]![0]!.AsObject().Remove("digest") },
        { "size", m => m["layers"]![0]!["size"] = -1 },
        { "size", m => m["layers"]![0]!["size"] = "12" },
        { "subject", m => m["subject"] = new JsonObject { ["digest"] = "nonsense" } },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public async Task Put_OfAnInvalidManifest_NamesTheField(string field, Action<JsonObject> change)
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder { Change = change });

        using var response = await image.PutManifestAsync("broken", built.Build(), Oci.Manifest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID", field);
    }

    [Fact]
    public async Task Put_WithLayersAndManifests_IsRefused()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder { Change = m => m["manifests"] = new JsonArray() });

        using var response = await image.PutManifestAsync("both", built.Build(), Oci.Manifest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID", "layers", "manifests");
    }

    [Theory]
    [InlineData(Oci.Manifest, Oci.DockerManifest)]
    [InlineData(Oci.DockerManifest, Oci.Manifest)]
    [InlineData(Oci.Manifest, Oci.Index)]
    public async Task Put_WithAContentTypeOtherThanTheMediaType_NamesBoth(string mediaType, string contentType)
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder { MediaType = mediaType });

        using var response = await image.PutManifestAsync("mixed", built.Build(), contentType);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID", mediaType, contentType);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData("application/vnd.example.manifest.v1+json")]
    public async Task Put_OfAMediaTypeThatIsNoManifest_IsRefused(string mediaType)
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder { MediaType = mediaType });

        using var response = await image.PutManifestAsync("odd", built.Build(), mediaType);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID", mediaType);
    }

    [Theory]
    [InlineData("application/vnd.docker.distribution.manifest.v1+json")]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws")]
    public async Task Put_OfSchema1_IsRefusedByName(string mediaType)
    {
        var body = """{"schemaVersion":1,"name":"team/old","tag":"v1","architecture":"amd64","fsLayers":[],"history":[],"signatures":[]}"""u8.ToArray();

        using var response = await fixture.NewImage().PutManifestAsync("old", body, mediaType);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID", "schema 1");
    }

    [Fact]
    public async Task Put_ByADigestThatIsNotTheBodys_Answers400()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder());
        var body = built.Build();

        using var response = await image.PutManifestAsync(Oci.Digest(body), [.. body, (byte)' ', (byte)' '], Oci.Manifest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var head = await image.HeadAsync("manifests/" + Oci.Digest(body));
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Theory]
    [InlineData("sha256:baddigeststring")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    public async Task Put_ByABrokenDigest_Answers400(string digest)
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder());

        using var response = await image.PutManifestAsync(digest, built.Build(), Oci.Manifest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Fact]
    public async Task Put_WithBlobsMissing_NamesThemAll()
    {
        var image = fixture.NewImage();
        var built = new ImageBuilder(layers: 3);
        await image.PushBlobAsync(built.Blobs[1]);

        using var response = await image.PutManifestAsync("early", built.Build(), Oci.Manifest);

        var errors = await response.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_BLOB_UNKNOWN");
        Assert.All(errors, e => Assert.Equal("MANIFEST_BLOB_UNKNOWN", e.GetProperty("code").GetString()));
        string[] missing = [built.ConfigDigest, built.LayerDigests[1], built.LayerDigests[2]];
        Assert.Equal(missing.Order(StringComparer.Ordinal), errors.Select(e => e.GetProperty("detail").GetProperty("digest").GetString()!).Order(StringComparer.Ordinal));
        using var head = await image.HeadAsync("manifests/early");
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Fact]
    public async Task Put_WithABlobThatOnlyAnotherImageHolds_IsRefused()
    {
        var (image, holder) = (fixture.NewImage(), fixture.NewImage());
        var built = await WithBlobsAsync(holder, new ImageBuilder(layers: 1));
        await image.PushBlobAsync(built.Blobs[0]);

        using var response = await image.PutManifestAsync("v1", built.Build(), Oci.Manifest);

        var errors = await response.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_BLOB_UNKNOWN");
        Assert.Equal(built.LayerDigests[0], Assert.Single(errors).GetProperty("detail").GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Put_WithASizeOtherThanTheBlobs_IsRefused()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder { Change = m => m["layers"]![0]!["size"] = 257 });

        using var response = await image.PutManifestAsync("v1", built.Build(), Oci.Manifest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID", built.LayerDigests[0], "257", "256");
    }

    [Theory]
    [InlineData(Oci.Manifest, Oci.ForeignLayer)]
    [InlineData(Oci.Manifest, "application/vnd.oci.image.layer.nondistributable.v1.tar")]
    [InlineData(Oci.DockerManifest, Oci.DockerForeignLayer)]
    public async Task Put_WithForeignLayersAbsent_IsTaken(string mediaType, string layerType)
    {
        var image = fixture.NewImage();
        var foreign = Oci.Descriptor(layerType, Oci.UnknownDigest(), 123456);
        foreign["urls"] = new JsonArray("https://store.example.com/blobs/1");

        await image.PushAsync(new ImageBuilder(layers: 1) { MediaType = mediaType, Change = m => m["layers"]!.AsArray().Insert(0, foreign) }, "windows");
    }

    [Fact]
    public async Task Put_OfAnIndexWithChildrenMissing_NamesThem()
    {
        var image = fixture.NewImage();
        var present = await image.PushAsync(new ImageBuilder());
        string[] absent = [Oci.UnknownDigest(), Oci.UnknownDigest()];
        var body = Oci.IndexOf([Oci.Descriptor(Oci.Manifest, absent[0], 500), present.Descriptor(), Oci.Descriptor(Oci.Manifest, absent[1], 600)]);

        using var response = await image.PutManifestAsync("multi", body, Oci.Index);

        var errors = await response.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_BLOB_UNKNOWN");
        Assert.Equal(absent.Order(StringComparer.Ordinal), errors.Select(e => e.GetProperty("detail").GetProperty("digest").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Put_OfAnIndexWhoseChildIsInAnotherImage_IsRefused()
    {
        var child = await fixture.NewImage().PushAsync(new ImageBuilder());

        using var response = await fixture.NewImage().PutManifestAsync("multi", Oci.IndexOf([child.Descriptor()]), Oci.Index);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_BLOB_UNKNOWN");
    }

    [Fact]
    public async Task Put_OfAnIndexWithChildrenMissing_IsTakenWhenTheSettingAllowsIt()
    {
        await using var server = await NcrServer.StartAsync(s => s["Ncr:AllowMissingChildren"] = "true");
        using var http = server.CreateClient();
        var image = new RegistryClient(http, RegistryClient.UniqueName());
        var present = await image.PushAsync(new ImageBuilder());
        var absent = Oci.UnknownDigest();
        var body = Oci.IndexOf([Oci.Descriptor(Oci.Manifest, absent, 500), present.Descriptor()]);

        await image.PushManifestAsync(body, Oci.Index, "sparse");

        using var get = await image.GetAsync("manifests/sparse");
        Assert.Equal(body, await get.Content.ReadAsByteArrayAsync());
        using var child = await image.GetAsync("manifests/" + absent);
        await child.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task Put_ByDigestWithTags_MakesThemAll()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder());
        var body = built.Build();
        string[] tags = ["1", "1.2", "1.2.3", "a", "b", "c", "d", "e", "f", "latest"];

        using var response = await image.PutManifestAsync($"{Oci.Digest(body)}?{string.Join('&', tags.Select(t => "tag=" + t))}", body, Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(tags.Order(StringComparer.Ordinal), response.RequireHeader("OCI-Tag").Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal));
        Assert.Equal(tags.Order(StringComparer.Ordinal), await image.TagsAsync());
        using var head = await image.HeadAsync("manifests/1.2.3");
        Assert.Equal(Oci.Digest(body), head.RequireHeader("Docker-Content-Digest"));
    }

    [Fact]
    public async Task Put_ByDigestWithABadTag_MakesNone()
    {
        var image = fixture.NewImage();
        var built = await WithBlobsAsync(image, new ImageBuilder());
        var body = built.Build();

        using var response = await image.PutManifestAsync($"{Oci.Digest(body)}?tag=good&tag=.bad", body, Oci.Manifest);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "TAG_INVALID", ".bad");
        using var head = await image.HeadAsync("manifests/good");
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Theory]
    [InlineData("a", 128)]
    [InlineData("_", 1)]
    [InlineData("A.b-C_9", 1)]
    public async Task Put_ToATagOfTheGrammar_IsTaken(string part, int times)
    {
        var image = fixture.NewImage();
        var tag = string.Concat(Enumerable.Repeat(part, times));

        await image.PushManifestAsync(Oci.IndexOf([]), Oci.Index, tag);

        Assert.Equal([tag], await image.TagsAsync());
    }

    [Theory]
    [InlineData("a", 129)]
    [InlineData(".dot", 1)]
    [InlineData("-dash", 1)]
    [InlineData("pl%2Bus", 1)]
    [InlineData("%C3%A4", 1)]
    [InlineData("a%20b", 1)]
    public async Task Put_ToATagOutsideTheGrammar_Answers400(string part, int times)
    {
        var tag = string.Concat(Enumerable.Repeat(part, times));

        using var response = await fixture.NewImage().PutManifestAsync(tag, Oci.IndexOf([]), Oci.Index);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "TAG_INVALID");
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("manifests/blobs")]
    [InlineData("blobs/uploads")]
    [InlineData("tags/list/x")]
    [InlineData("a.b_c__d---e/0")]
    public async Task Push_ToANameWithSlashesAndRouteWords_WorksThroughout(string path)
    {
        var image = new RegistryClient(fixture.Http, $"{RegistryClient.UniqueName()}/{path}");
        var built = new ImageBuilder();

        var pushed = await image.PushAsync(built, "v1");

        using var manifest = await image.GetAsync("manifests/v1");
        Assert.Equal(pushed.Body, await manifest.Content.ReadAsByteArrayAsync());
        using var blob = await image.GetAsync("blobs/" + built.LayerDigests[0]);
        Assert.Equal(built.Blobs[1], await blob.Content.ReadAsByteArrayAsync());
        Assert.Equal(image.Name, (await image.GetJsonAsync("tags/list")).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Push_ToARegistryThatIsNotThere_SaysWhereToMakeIt()
    {
        var image = new RegistryClient(fixture.Http, RegistryClient.UniqueName("nobody-made-this"));

        using var upload = await image.StartUploadAsync();
        using var manifest = await image.PutManifestAsync("v1", Oci.IndexOf([]), Oci.Index);

        await upload.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", "nobody-made-this", "console");
        await manifest.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", "nobody-made-this", "console");
    }

    [Theory]
    [InlineData("team/UPPER")]
    [InlineData("Team/app")]
    [InlineData("team/-app")]
    [InlineData("team/app-")]
    [InlineData("team/a..b")]
    [InlineData("team/a___b")]
    [InlineData("team/a%20b")]
    [InlineData("team/%C3%A4")]
    public async Task Push_ToANameOutsideTheGrammar_Answers400(string name)
    {
        var image = new RegistryClient(fixture.Http, name);

        using var upload = await image.StartUploadAsync();
        using var manifest = await image.PutManifestAsync("v1", Oci.IndexOf([]), Oci.Index);

        await upload.AssertErrorAsync(HttpStatusCode.BadRequest, "NAME_INVALID");
        await manifest.AssertErrorAsync(HttpStatusCode.BadRequest, "NAME_INVALID");
    }

    /// <summary>docker repeats a push for most of a minute when told NAME_INVALID, and shows nothing of it.</summary>
    [Theory]
    [InlineData("team")]
    [InlineData("onepart")]
    public async Task Push_ToANameWithoutARegistry_SaysHowNamesAreMade(string name)
    {
        var image = new RegistryClient(fixture.Http, name);

        using var upload = await image.StartUploadAsync();
        using var manifest = await image.PutManifestAsync("v1", Oci.IndexOf([]), Oci.Index);

        await upload.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", "<registry>/<image>", "console");
        await manifest.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN", "<registry>/<image>", "console");
    }

    [Fact]
    public async Task Push_ToANameOf255WithItsHost_IsTakenAndOneMoreIsNot()
    {
        var longest = 255 - fixture.Server.Host.Length - 1;
        var start = RegistryClient.UniqueName() + "/";
        var fits = new RegistryClient(fixture.Http, start + new string('a', longest - start.Length));
        var tooLong = new RegistryClient(fixture.Http, fits.Name + "a");

        await fits.PushManifestAsync(Oci.IndexOf([]), Oci.Index, "v1");
        using var upload = await tooLong.StartUploadAsync();
        using var manifest = await tooLong.PutManifestAsync("v1", Oci.IndexOf([]), Oci.Index);

        await upload.AssertErrorAsync(HttpStatusCode.BadRequest, "NAME_INVALID", "255");
        await manifest.AssertErrorAsync(HttpStatusCode.BadRequest, "NAME_INVALID", "255");
    }

    private static async Task<ImageBuilder> WithBlobsAsync(RegistryClient image, ImageBuilder built)
    {
        foreach (var blob in built.Blobs)
        {
            await image.PushBlobAsync(blob);
        }

        return built;
    }

    private static async Task<byte[]> SizedAsync(RegistryClient image, int size)
    {
        var built = await WithBlobsAsync(image, new ImageBuilder { Annotations = new() { ["x"] = "" } });
        var bare = Encoding.UTF8.GetString(built.Build());
        return Encoding.UTF8.GetBytes(bare.Replace("\"x\":\"\"", $"\"x\":\"{new string('A', size - bare.Length)}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Push_OfAConfigWithBrokenUnicode_IsTaken()
    {
        var image = fixture.NewImage();

        await image.PushAsync(new ImageBuilder(config: """{"os":"\ud800","architecture":"x"}"""u8.ToArray()), "v1");

        Assert.Equal(["v1"], await image.TagsAsync());
    }

    [Fact]
    public async Task Push_OfMoreEntriesThanOneLookUpTakes_IsRefusedAsInvalid()
    {
        var image = fixture.NewImage();
        var entries = Enumerable.Range(0, 10_001).Select(_ => Oci.Descriptor(Oci.Manifest, Oci.UnknownDigest(), 1));

        using var response = await image.PutManifestAsync("v1", Oci.IndexOf(entries), Oci.Index);

        await response.AssertErrorAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID", "10000");
    }
}
