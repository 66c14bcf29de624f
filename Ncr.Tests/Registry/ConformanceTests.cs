using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

/// <summary>
/// The workflows of the OCI conformance programme, in its order and with its way of signing in: it starts without credentials, asks for
/// just the scope it is challenged for, once per image and kind of request, and keeps that token.
/// </summary>
public sealed partial class ConformanceTests(ServerFixture fixture) : IClassFixture<ServerFixture>, IDisposable
{
    private const string ExampleType = "application/vnd.example.oci.conformance.v1";
    private const string OtherExampleType = "application/vnd.example.oci.conformance.v2";
    private const int ChunkSize = 1024;

    private readonly HttpClient _http = fixture.Server.CreateClient(authenticated: false);
    private readonly Dictionary<string, string> _tokens = [];
    private readonly string _repo1 = RegistryClient.UniqueName();
    private readonly string _repo2 = RegistryClient.UniqueName("other");

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Ping_Answers()
    {
        using var response = await SendAsync(HttpMethod.Get, "/v2/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Empty_TagListAndReferrers_Answer()
    {
        using var tags = await SendAsync(HttpMethod.Get, $"/v2/{_repo1}/tags/list");
        Assert.Contains(tags.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.NotFound });

        Assert.Empty(await ReferrersAsync(Oci.UnknownDigest()));
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task Blobs_PushedInEveryWay_PullAndDelete(string algorithm)
    {
        using (var missing = await SendAsync(HttpMethod.Get, BlobUrl(_repo1, Oci.UnknownDigest(algorithm))))
        {
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }

        foreach (var push in new Func<string, byte[], string, Task<HttpResponseMessage>>[] { PostOnlyAsync, PostPutAsync, (r, c, d) => ChunkedAsync(r, c, d), StreamAsync })
        {
            await PushPullDeleteAsync(Oci.RandomBytes(512), algorithm, push);
        }

        await MountAsync(algorithm, withFrom: true);
        await MountAsync(algorithm, withFrom: false);
        await MountMissingAsync(algorithm);
        await CancelAsync();

        foreach (var (putLast, outOfOrder) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            await PushPullDeleteAsync(Oci.RandomBytes((ChunkSize * 3) - 5), algorithm, (r, c, d) => ChunkedAsync(r, c, d, putLast, outOfOrder));
        }
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task Blobs_WellKnown_PushPullAndDelete(string algorithm)
    {
        foreach (var content in new[] { [], "{}"u8.ToArray() })
        {
            await PushPullDeleteAsync(content, algorithm, PostPutAsync);
            await PushPullDeleteAsync(content, algorithm, PostOnlyAsync);
            await PushPullDeleteAsync(content, algorithm, StreamAsync);
            await PushPullDeleteAsync(content, algorithm, (r, c, d) => ChunkedAsync(r, c, d));
        }
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task Blobs_UnderABadDigest_AreRefused(string algorithm)
    {
        var digest = Oci.UnknownDigest(algorithm);
        var content = Oci.RandomBytes(ChunkSize * 3);

        foreach (var push in new Func<string, byte[], string, Task<HttpResponseMessage>>[]
                 { PostOnlyAsync, PostPutAsync, (r, c, d) => ChunkedAsync(r, c, d), (r, c, d) => ChunkedAsync(r, c, d, putLast: true), StreamAsync })
        {
            using var response = await push(_repo1, content, digest);
            await response.AssertErrorAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        }
    }

    public static TheoryData<string> DataSets =>
    [
        "image", "image-uncompressed", "large-manifest", "index", "nested-index", "empty-index", "artifact", "artifact-index", "artifact-without-layers",
        "artifacts-with-subject", "index-with-subject", "missing-subject", "data-field", "non-distributable-layers", "custom-fields", "no-layers",
        "sha512", "tag-param-sha256", "tag-param-sha512",
    ];

    [Theory]
    [MemberData(nameof(DataSets))]
    public async Task Content_OfEveryKind_PushesListsPullsAndDeletes(string name)
    {
        var data = new TestData(name);
        await PushAsync(data);
        await ListAsync(data);
        await HeadAsync(data);
        await PullAsync(data);
        await CheckReferrersAsync(data);
        await DeleteAsync(data);
    }

    [Fact]
    public async Task Manifest_UnderABadDigest_IsRefused()
    {
        var data = new TestData("image");
        await PushBlobsAsync(data);
        var (digest, _, body) = data.Manifests[0];

        using var mismatch = await PutManifestAsync(digest, [.. body, .. "  "u8.ToArray()], Oci.Manifest);
        using var put = await PutManifestAsync("sha256:baddigeststring", body, Oci.Manifest);
        using var get = await SendAsync(HttpMethod.Get, ManifestUrl("sha256:baddigeststring"));

        Assert.Equal(HttpStatusCode.BadRequest, mismatch.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, put.StatusCode);
        Assert.Contains(get.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
        using var delete = await SendAsync(HttpMethod.Delete, ManifestUrl(digest));
        Assert.Equal(HttpStatusCode.NotFound, delete.StatusCode);
    }

    [Fact]
    public async Task Manifest_Missing_Answers404()
    {
        using var byDigest = await SendAsync(HttpMethod.Get, ManifestUrl(Oci.UnknownDigest()));
        using var byTag = await SendAsync(HttpMethod.Get, ManifestUrl("missing-abc"));

        Assert.Equal(HttpStatusCode.NotFound, byDigest.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, byTag.StatusCode);
    }

    private static string BlobUrl(string repo, string digest) => $"/v2/{repo}/blobs/{digest}";

    private static string UploadsUrl(string repo, string query = "") => $"/v2/{repo}/blobs/uploads/{query}";

    private string ManifestUrl(string reference) => $"/v2/{_repo1}/manifests/{reference}";

    private async Task PushPullDeleteAsync(byte[] content, string algorithm, Func<string, byte[], string, Task<HttpResponseMessage>> push)
    {
        var digest = Oci.Digest(content, algorithm);
        using (var pushed = await push(_repo1, content, digest))
        {
            await AssertBlobPushedAsync(pushed, content, digest);
        }

        await AssertBlobAsync(_repo1, content, digest);
        await DeleteBlobAsync(_repo1, digest);
    }

    private async Task MountAsync(string algorithm, bool withFrom)
    {
        var content = Oci.RandomBytes(512);
        var digest = Oci.Digest(content, algorithm);
        using (var pushed = await PostPutAsync(_repo2, content, digest))
        {
            await AssertBlobPushedAsync(pushed, content, digest);
        }

        using (var mounted = await SendAsync(HttpMethod.Post, UploadsUrl(_repo1, MountQuery(digest, withFrom ? _repo2 : null)), []))
        {
            await AssertBlobPushedAsync(mounted, content, digest);
        }

        await AssertBlobAsync(_repo1, content, digest);
        await DeleteBlobAsync(_repo1, digest);
        await DeleteBlobAsync(_repo2, digest);
    }

    private async Task MountMissingAsync(string algorithm)
    {
        var content = Oci.RandomBytes(512);
        var digest = Oci.Digest(content, algorithm);
        using var opened = await SendAsync(HttpMethod.Post, UploadsUrl(_repo1, MountQuery(digest, _repo2)), []);
        Assert.Equal(HttpStatusCode.Accepted, opened.StatusCode);
        using var finished = await SendAsync(HttpMethod.Put, RegistryClient.WithQuery(opened.RequireHeader("Location"), "digest=" + digest), content);
        await AssertBlobPushedAsync(finished, content, digest);
        await DeleteBlobAsync(_repo1, digest);
    }

    private static string MountQuery(string digest, string? from) =>
        "?" + (from is null ? "" : $"from={Uri.EscapeDataString(from)}&") + "mount=" + Uri.EscapeDataString(digest);

    private async Task CancelAsync()
    {
        using var opened = await SendAsync(HttpMethod.Post, UploadsUrl(_repo1), []);
        using var cancelled = await SendAsync(HttpMethod.Delete, opened.RequireHeader("Location"), []);
        Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
    }

    private Task<HttpResponseMessage> PostOnlyAsync(string repo, byte[] content, string digest) =>
        SendAsync(HttpMethod.Post, UploadsUrl(repo, "?digest=" + Uri.EscapeDataString(digest)), content);

    private async Task<HttpResponseMessage> PostPutAsync(string repo, byte[] content, string digest)
    {
        var location = await OpenAsync(repo);
        return await SendAsync(HttpMethod.Put, RegistryClient.WithQuery(location, "digest=" + digest), content);
    }

    private async Task<HttpResponseMessage> StreamAsync(string repo, byte[] content, string digest)
    {
        var location = await OpenAsync(repo);
        using var patch = await SendAsync(HttpMethod.Patch, location, content, chunkedTransfer: content.Length > 0);
        Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
        return await SendAsync(HttpMethod.Put, RegistryClient.WithQuery(patch.RequireHeader("Location"), "digest=" + digest), []);
    }

    private async Task<HttpResponseMessage> ChunkedAsync(string repo, byte[] content, string digest, bool putLast = false, bool outOfOrder = false)
    {
        var location = await OpenAsync(repo);
        var lastByte = -1;
        while (lastByte < content.Length - 1)
        {
            if (outOfOrder)
            {
                location = await SendOutOfOrderAsync(location, content, digest, lastByte, putLast);
            }

            var start = lastByte + 1;
            lastByte = Math.Min(start + ChunkSize - 1, content.Length - 1);
            var range = $"{start}-{lastByte}";
            if (putLast && lastByte == content.Length - 1)
            {
                return await SendAsync(HttpMethod.Put, RegistryClient.WithQuery(location, "digest=" + digest), content[start..], range: range);
            }

            using var patch = await SendAsync(HttpMethod.Patch, location, content[start..(lastByte + 1)], range: range);
            Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
            Assert.Equal($"0-{lastByte}", patch.RequireHeader("Range"));
            location = patch.RequireHeader("Location");
        }

        return await SendAsync(HttpMethod.Put, RegistryClient.WithQuery(location, "digest=" + digest), []);
    }

    private async Task<string> SendOutOfOrderAsync(string location, byte[] content, string digest, int lastByte, bool putLast)
    {
        var start = lastByte + 1 + ChunkSize;
        if (start >= content.Length)
        {
            start = 0;
        }

        var end = Math.Min(start + ChunkSize - 1, content.Length - 1);
        var last = putLast && end == content.Length - 1;
        var url = last ? RegistryClient.WithQuery(location, "digest=" + digest) : location;
        using (var refused = await SendAsync(last ? HttpMethod.Put : HttpMethod.Patch, url, content[start..(end + 1)], range: $"{start}-{end}"))
        {
            Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, refused.StatusCode);
        }

        using var status = await SendAsync(HttpMethod.Get, url);
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        var range = status.RequireHeader("Range");
        Assert.StartsWith("0-", range, StringComparison.Ordinal);
        if (lastByte >= 0)
        {
            Assert.Equal($"0-{lastByte}", range);
        }

        return status.RequireHeader("Location");
    }

    private async Task<string> OpenAsync(string repo)
    {
        using var response = await SendAsync(HttpMethod.Post, UploadsUrl(repo), []);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.RequireHeader("Location");
    }

    private async Task AssertBlobPushedAsync(HttpResponseMessage response, byte[] content, string digest)
    {
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(digest, response.RequireHeader("Docker-Content-Digest"));
        using var get = await SendAsync(HttpMethod.Get, response.RequireHeader("Location"));
        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    private async Task AssertBlobAsync(string repo, byte[] content, string digest)
    {
        using var head = await SendAsync(HttpMethod.Head, BlobUrl(repo, digest));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(content.Length, head.Content.Headers.ContentLength);
        Assert.Equal(digest, head.RequireHeader("Docker-Content-Digest"));
        using var get = await SendAsync(HttpMethod.Get, BlobUrl(repo, digest));
        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        Assert.Equal(content.Length, get.Content.Headers.ContentLength);
        Assert.Equal(digest, get.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    private async Task DeleteBlobAsync(string repo, string digest)
    {
        using var delete = await SendAsync(HttpMethod.Delete, BlobUrl(repo, digest));
        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);
        using var head = await SendAsync(HttpMethod.Head, BlobUrl(repo, digest));
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    private Task<HttpResponseMessage> PutManifestAsync(string reference, byte[] body, string mediaType) =>
        SendAsync(HttpMethod.Put, ManifestUrl(reference), body, contentType: mediaType);

    private async Task PushBlobsAsync(TestData data)
    {
        foreach (var (digest, content) in data.Blobs)
        {
            using var pushed = await PostPutAsync(_repo1, content, digest);
            await AssertBlobPushedAsync(pushed, content, digest);
        }
    }

    private async Task PushAsync(TestData data)
    {
        await PushBlobsAsync(data);
        foreach (var (digest, mediaType, body) in data.Manifests)
        {
            var tags = data.Tags.Where(t => data.TagParameters && t.Value == digest).Select(t => t.Key).ToArray();
            var query = tags.Length == 0 ? "" : "?" + string.Join('&', tags.Select(t => "tag=" + t));
            using var pushed = await PutManifestAsync(digest + query, body, mediaType);
            await AssertManifestPushedAsync(pushed, digest, mediaType, body);
            var made = pushed.Header("OCI-Tag")?.Split(',', StringSplitOptions.TrimEntries) ?? [];
            Assert.Equal(tags.Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));
        }

        foreach (var (tag, digest) in data.Tags.Where(_ => !data.TagParameters))
        {
            var (_, mediaType, body) = data.Manifests.Single(m => m.Digest == digest);
            using var pushed = await PutManifestAsync(tag, body, mediaType);
            await AssertManifestPushedAsync(pushed, digest, mediaType, body);
        }
    }

    private async Task AssertManifestPushedAsync(HttpResponseMessage pushed, string digest, string mediaType, byte[] body)
    {
        Assert.True(pushed.StatusCode == HttpStatusCode.Created, $"{(int)pushed.StatusCode}: {await pushed.Content.ReadAsStringAsync()}");
        Assert.Equal(digest, pushed.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(JsonNode.Parse(body)!["subject"]?["digest"]?.GetValue<string>(), pushed.Header("OCI-Subject"));
        await AssertManifestAsync(pushed.RequireHeader("Location"), digest, mediaType, body);
    }

    private async Task AssertManifestAsync(string url, string digest, string mediaType, byte[] body)
    {
        using var get = await SendAsync(HttpMethod.Get, url);
        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        Assert.Equal(mediaType, get.RequireHeader("Content-Type"));
        Assert.Equal(body.Length, get.Content.Headers.ContentLength);
        Assert.Equal(digest, get.RequireHeader("Docker-Content-Digest"));
        Assert.Equal(body, await get.Content.ReadAsByteArrayAsync());
    }

    private async Task ListAsync(TestData data)
    {
        var tags = await TagsAsync();
        Assert.Equal(data.Tags.Keys.Order(StringComparer.Ordinal), tags);
        if (tags.Length >= 2)
        {
            var half = tags.Length / 2;
            Assert.Equal(tags[half..], await TagsAsync("?last=" + tags[half - 1]));
        }
    }

    private async Task<string[]> TagsAsync(string query = "")
    {
        using var response = await SendAsync(HttpMethod.Get, $"/v2/{_repo1}/tags/list{query}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await response.ReadJsonAsync()).GetProperty("tags").EnumerateArray().Select(t => t.GetString()!)];
    }

    private async Task HeadAsync(TestData data)
    {
        foreach (var (digest, mediaType, body) in data.Manifests)
        {
            foreach (var reference in data.Tags.Where(t => t.Value == digest).Select(t => t.Key).Append(digest))
            {
                using var head = await SendAsync(HttpMethod.Head, ManifestUrl(reference));
                Assert.Equal(HttpStatusCode.OK, head.StatusCode);
                Assert.Equal(mediaType, head.RequireHeader("Content-Type"));
                Assert.Equal(body.Length, head.Content.Headers.ContentLength);
                Assert.Equal(digest, head.RequireHeader("Docker-Content-Digest"));
            }
        }
    }

    private async Task PullAsync(TestData data)
    {
        foreach (var (digest, mediaType, body) in data.Manifests)
        {
            foreach (var reference in data.Tags.Where(t => t.Value == digest).Select(t => t.Key).Append(digest))
            {
                await AssertManifestAsync(ManifestUrl(reference), digest, mediaType, body);
            }
        }

        foreach (var (digest, content) in data.Blobs)
        {
            await AssertBlobAsync(_repo1, content, digest);
        }
    }

    private async Task CheckReferrersAsync(TestData data)
    {
        foreach (var subject in data.Referrers.GroupBy(r => r.Subject))
        {
            AssertEntries([.. subject], await ReferrersAsync(subject.Key));
            foreach (var type in subject.GroupBy(r => r.ArtifactType))
            {
                AssertEntries([.. type], await ReferrersAsync(subject.Key, type.Key));
            }
        }
    }

    private static void AssertEntries(TestData.Referrer[] expected, JsonElement[] actual)
    {
        Assert.Equal(expected.Select(e => e.Digest).Order(StringComparer.Ordinal), actual.Select(a => a.GetProperty("digest").GetString()!).Order(StringComparer.Ordinal));
        foreach (var goal in expected)
        {
            var entry = actual.Single(a => a.GetProperty("digest").GetString() == goal.Digest);
            Assert.Equal(goal.MediaType, entry.GetProperty("mediaType").GetString());
            Assert.Equal(goal.Size, entry.GetProperty("size").GetInt64());
            Assert.Equal(goal.ArtifactType, entry.GetProperty("artifactType").GetString());
            foreach (var (key, value) in goal.Annotations)
            {
                Assert.Equal(value, entry.GetProperty("annotations").GetProperty(key).GetString());
            }
        }
    }

    private async Task<JsonElement[]> ReferrersAsync(string digest, string? artifactType = null)
    {
        using var response = await SendAsync(
            HttpMethod.Get, $"/v2/{_repo1}/referrers/{digest}{(artifactType is null ? "" : "?artifactType=" + Uri.EscapeDataString(artifactType))}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Oci.Index, response.RequireHeader("Content-Type"));
        Assert.Equal(artifactType is null ? null : "artifactType", response.Header("OCI-Filters-Applied"));
        var index = await response.ReadJsonAsync();
        Assert.Equal(2, index.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(Oci.Index, index.GetProperty("mediaType").GetString());
        return [.. index.GetProperty("manifests").EnumerateArray()];
    }

    private async Task DeleteAsync(TestData data)
    {
        var references = data.Tags.Keys.Concat(data.Manifests.Select(m => m.Digest).Reverse());
        foreach (var reference in references)
        {
            using var delete = await SendAsync(HttpMethod.Delete, ManifestUrl(reference));
            Assert.True(delete.StatusCode == HttpStatusCode.Accepted, $"{reference}: {(int)delete.StatusCode}: {await delete.Content.ReadAsStringAsync()}");
            using var head = await SendAsync(HttpMethod.Head, ManifestUrl(reference));
            Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        }

        foreach (var digest in data.Blobs.Keys)
        {
            await DeleteBlobAsync(_repo1, digest);
        }
    }

    /// <summary>Sends a request with the token kept for its image and kind; on a 401 fetches the one it is challenged for and tries once more.</summary>
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string url, byte[]? body = null, string? range = null, string contentType = "application/octet-stream", bool chunkedTransfer = false)
    {
        var path = url.StartsWith('/') ? url : new Uri(url).PathAndQuery;
        var key = TokenKey(method, path);
        var response = await AttemptAsync(_tokens.GetValueOrDefault(key));
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            _tokens[key] = await FetchTokenAsync(Challenge.Of(response));
            response.Dispose();
            response = await AttemptAsync(_tokens[key]);
        }

        return response;

        Task<HttpResponseMessage> AttemptAsync(string? token)
        {
            var request = new HttpRequestMessage(method, new Uri(_http.BaseAddress!, new Uri(path, UriKind.Relative)));
            if (body is not null)
            {
                request.Content = chunkedTransfer ? new StreamContent(new MemoryStream(body)) : new ByteArrayContent(body);
                request.Headers.TransferEncodingChunked = chunkedTransfer;
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
                if (range is not null)
                {
                    request.Content.Headers.TryAddWithoutValidation("Content-Range", range);
                }
            }

            request.Headers.TryAddWithoutValidation("Accept", Oci.Index);
            request.Headers.TryAddWithoutValidation("Accept", Oci.Manifest);
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            return _http.SendAsync(request);
        }
    }

    private async Task<string> FetchTokenAsync(Challenge challenge)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{fixture.Server.AccessKey}:{fixture.Server.SecretKey}"));
        var scope = challenge.Scope is null ? "" : "&scope=" + Uri.EscapeDataString(challenge.Scope);
        using var response = await _http.SendRawAsync(
            HttpMethod.Get, $"{challenge.Realm}?service={Uri.EscapeDataString(challenge.Service)}{scope}", null, ("Authorization", "Basic " + basic));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.ReadJsonAsync()).GetProperty("access_token").GetString()!;
    }

    private static string TokenKey(HttpMethod method, string path)
    {
        var match = Repository().Match(path);
        Assert.True(path == "/v2/" || match.Success, $"The programme finds no image in {path}.");
        var kind = method.Method is "GET" or "HEAD" ? "pull" : method.Method is "POST" or "PATCH" or "PUT" ? "push" : method.Method;
        return $"{match.Groups[1].Value}:{kind}";
    }

    [GeneratedRegex(@"^/v2/([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(/(?:blobs|manifests|tags|referrers)/[^/]+|/blobs/uploads/[^/]*)")]
    private static partial Regex Repository();

    /// <summary>One of the programme's sets of content.</summary>
    private sealed class TestData
    {
        private string _algorithm = "sha256";

        public TestData(string name)
        {
            switch (name)
            {
                case "image":
                    Tag("image", Add(new ImageBuilder()));
                    break;
                case "image-uncompressed":
                    Tag("image-uncompressed", Add(new ImageBuilder { LayerType = "application/vnd.oci.image.layer.v1.tar" }));
                    break;
                case "large-manifest":
                    Tag(name, Add(new ImageBuilder { Annotations = Enumerable.Range(0, 390).ToDictionary(i => $"large-annotation-{i}", _ => new string('A', 10_000)) }));
                    break;
                case "index":
                    Tag("index", AddIndex([Add(new ImageBuilder()), Add(new ImageBuilder())]));
                    break;
                case "nested-index":
                    var first = AddIndex([Add(new ImageBuilder()), Add(new ImageBuilder())]);
                    var second = AddIndex([Add(new ImageBuilder()), Add(new ImageBuilder())]);
                    Tag("index-of-index", AddIndex([first, second]));
                    break;
                case "empty-index":
                    Tag("index", AddIndex([]));
                    break;
                case "artifact":
                    Tag("artifact", Add(ImageBuilder.Artifact(ExampleType, ExampleType)));
                    break;
                case "artifact-index":
                    var children = new[] { Add(ImageBuilder.Artifact(ExampleType, ExampleType)), Add(ImageBuilder.Artifact(ExampleType, ExampleType)) };
                    Tag("artifact-index", AddIndex(children, i => i["artifactType"] = ExampleType));
                    break;
                case "artifact-without-layers":
                    Tag(name, Add(new ImageBuilder(config: "{}"u8.ToArray(), layerContents: ["{}"u8.ToArray()]) { ArtifactType = ExampleType, ConfigType = Oci.EmptyJson, LayerType = Oci.EmptyJson }));
                    break;
                case "artifacts-with-subject":
                    AddArtifactsWithSubject();
                    break;
                case "index-with-subject":
                    AddIndexWithSubject();
                    break;
                case "missing-subject":
                    Tag("tagged-artifact", AddReferrer(Oci.Descriptor(Oci.Manifest, Oci.UnknownDigest(), 123), ExampleType, ExampleType));
                    break;
                case "data-field":
                    var content = "{}"u8.ToArray();
                    Tag(name, Add(new ImageBuilder(config: content) { ConfigType = Oci.EmptyJson, Change = m => m["config"]!["data"] = Convert.ToBase64String(content) }));
                    break;
                case "non-distributable-layers":
                    Tag("non-distributable-image", Add(new ImageBuilder(1) { Change = AddForeignLayers }));
                    break;
                case "custom-fields":
                    var builders = new[] { new ImageBuilder { Change = AddField }, new ImageBuilder { Change = AddField } };
                    Tag(name, AddIndex([.. builders.Select(b => Add(b))], AddField));
                    break;
                case "no-layers":
                    Tag(name, Add(new ImageBuilder(layers: 0)));
                    break;
                case "sha512":
                    _algorithm = name;
                    AddIndex([Add(new ImageBuilder(algorithm: name)), Add(new ImageBuilder(algorithm: name))]);
                    break;
                default:
                    _algorithm = name["tag-param-".Length..];
                    TagParameters = true;
                    Tag(name, AddIndex([Add(new ImageBuilder(algorithm: _algorithm)), Add(new ImageBuilder(algorithm: _algorithm))]));
                    for (var i = 0; i < Manifests.Count; i++)
                    {
                        Tags.Add($"{name}-{i}", Manifests[i].Digest);
                    }

                    break;
            }
        }

        public Dictionary<string, byte[]> Blobs { get; } = [];

        public List<(string Digest, string MediaType, byte[] Body)> Manifests { get; } = [];

        public Dictionary<string, string> Tags { get; } = [];

        public List<Referrer> Referrers { get; } = [];

        public bool TagParameters { get; }

        private void Tag(string tag, JsonObject descriptor) => Tags.Add(tag, descriptor["digest"]!.GetValue<string>());

        private JsonObject Add(ImageBuilder built)
        {
            foreach (var blob in built.Blobs)
            {
                Blobs[Oci.Digest(blob, _algorithm)] = blob;
            }

            return AddManifest(Oci.Manifest, built.Build());
        }

        private JsonObject AddIndex(IReadOnlyCollection<JsonObject> children, Action<JsonObject>? change = null) =>
            AddManifest(Oci.Index, Oci.IndexOf(children.Select(c => c.DeepClone().AsObject()), change: change));

        private JsonObject AddManifest(string mediaType, byte[] body)
        {
            var digest = Oci.Digest(body, _algorithm);
            Manifests.Add((digest, mediaType, body));
            return Oci.Descriptor(mediaType, digest, body.Length);
        }

        private void AddArtifactsWithSubject()
        {
            var subject = Add(new ImageBuilder());
            Tag("image", subject);
            var plain = new ImageBuilder { Subject = subject };
            Refer(subject, Add(plain), Oci.Config, []);
            Tag("tagged-artifact1", AddReferrer(subject, ExampleType, ExampleType));
            Tag("tagged-artifact2", AddReferrer(subject, OtherExampleType, "application/octet-stream"));
        }

        private void AddIndexWithSubject()
        {
            var subject = AddIndex([Add(new ImageBuilder()), Add(new ImageBuilder())]);
            Tag("index", subject);
            var children = new[] { AddReferrer(subject, ExampleType, ExampleType), AddReferrer(subject, ExampleType, ExampleType) };
            var annotations = NewAnnotations();
            var index = AddIndex(children, i =>
            {
                i["artifactType"] = ExampleType;
                i["subject"] = subject.DeepClone();
                i["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value)));
            });
            Refer(subject, index, ExampleType, annotations);
            Tag("tagged-artifact", index);
        }

        private JsonObject AddReferrer(JsonObject subject, string artifactType, string layerType)
        {
            var annotations = NewAnnotations();
            var descriptor = Add(new ImageBuilder(1, config: "{}"u8.ToArray())
            {
                ArtifactType = artifactType,
                ConfigType = Oci.EmptyJson,
                LayerType = layerType,
                Subject = subject,
                Annotations = annotations,
            });
            Refer(subject, descriptor, artifactType, annotations);
            return descriptor;
        }

        private void Refer(JsonObject subject, JsonObject referrer, string artifactType, Dictionary<string, string> annotations) => Referrers.Add(new Referrer(
            subject["digest"]!.GetValue<string>(), referrer["digest"]!.GetValue<string>(), referrer["mediaType"]!.GetValue<string>(), referrer["size"]!.GetValue<long>(), artifactType, annotations));

        private static Dictionary<string, string> NewAnnotations() => new()
        {
            ["org.opencontainers.conformance"] = "hello conformance test",
            ["org.example." + Guid.NewGuid().ToString("n")] = Guid.NewGuid().ToString("n"),
        };

        private static void AddField(JsonObject document) => document["org." + Guid.NewGuid().ToString("n")] = "x";

        private static void AddForeignLayers(JsonObject manifest)
        {
            foreach (var mediaType in new[] { Oci.ForeignLayer, "application/vnd.oci.image.layer.nondistributable.v1.tar" })
            {
                var digest = Oci.UnknownDigest();
                var layer = Oci.Descriptor(mediaType, digest, 12345);
                layer["urls"] = new JsonArray("https://store.example.com/blobs/sha256/" + digest[7..]);
                manifest["layers"]!.AsArray().Insert(0, layer);
            }
        }

        public sealed record Referrer(string Subject, string Digest, string MediaType, long Size, string ArtifactType, Dictionary<string, string> Annotations);
    }
}
