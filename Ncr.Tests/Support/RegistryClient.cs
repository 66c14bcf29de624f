using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ncr.Tests.Support;

/// <summary>Raw requests to one image over <c>/v2</c>, and the few sequences of them that tests start from.</summary>
public sealed class RegistryClient(HttpClient http, string name)
{
    public HttpClient Http { get; } = http;

    /// <summary>The whole name: registry and image.</summary>
    public string Name { get; } = name;

    public static string UniqueName(string registry = "team") => $"{registry}/t{Guid.NewGuid():n}";

    public string Url(string rest) => $"/v2/{Name}/{rest}";

    public Task<HttpResponseMessage> GetAsync(string rest, params (string Name, string Value)[] headers) =>
        Http.SendRawAsync(HttpMethod.Get, Url(rest), null, headers);

    public Task<HttpResponseMessage> HeadAsync(string rest, params (string Name, string Value)[] headers) =>
        Http.SendRawAsync(HttpMethod.Head, Url(rest), null, headers);

    public Task<HttpResponseMessage> DeleteAsync(string rest) => Http.SendRawAsync(HttpMethod.Delete, Url(rest));

    /// <summary>POST to the uploads, with a query that starts with '?' or is empty.</summary>
    public Task<HttpResponseMessage> StartUploadAsync(string query = "", byte[]? body = null) =>
        Http.SendRawAsync(HttpMethod.Post, Url("blobs/uploads/") + query, Bytes(body ?? []));

    /// <summary>Opens a session and gives its location.</summary>
    public async Task<string> OpenUploadAsync(string query = "")
    {
        using var response = await StartUploadAsync(query);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.RequireHeader("Location");
    }

    /// <summary>Sends a chunk: with <paramref name="range"/> as Content-Range, without it as a stream.</summary>
    public Task<HttpResponseMessage> PatchAsync(string location, byte[] chunk, string? range = null) =>
        Http.SendRawAsync(HttpMethod.Patch, location, Bytes(chunk, range));

    public Task<HttpResponseMessage> FinishAsync(string location, string digest, byte[]? chunk = null, string? range = null) =>
        Http.SendRawAsync(HttpMethod.Put, WithQuery(location, "digest=" + digest), Bytes(chunk ?? [], range));

    /// <summary>Pushes a blob as docker does (POST, then PUT) and gives its digest.</summary>
    public async Task<string> PushBlobAsync(byte[] content, string algorithm = "sha256")
    {
        var digest = Oci.Digest(content, algorithm);
        using var response = await FinishAsync(await OpenUploadAsync(), digest, content);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return digest;
    }

    /// <summary>PUT of a manifest; <paramref name="reference"/> may carry a query.</summary>
    public Task<HttpResponseMessage> PutManifestAsync(string reference, byte[] body, string mediaType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        return Http.SendRawAsync(HttpMethod.Put, Url("manifests/" + reference), content);
    }

    /// <summary>Pushes an image's blobs and its manifest, by tag when one is given and by digest otherwise.</summary>
    public async Task<PushedManifest> PushAsync(ImageBuilder image, string? tag = null)
    {
        foreach (var blob in image.Blobs)
        {
            await PushBlobAsync(blob, image.Algorithm);
        }

        return await PushManifestAsync(image.Build(), image.MediaType, tag, image.Algorithm);
    }

    public async Task<PushedManifest> PushManifestAsync(byte[] body, string mediaType, string? tag = null, string algorithm = "sha256")
    {
        var digest = Oci.Digest(body, algorithm);
        using var response = await PutManifestAsync(tag ?? digest, body, mediaType);
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return new PushedManifest(digest, mediaType, body);
    }

    public async Task<JsonElement> GetJsonAsync(string rest)
    {
        using var response = await GetAsync(rest);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.ReadJsonAsync();
    }

    public async Task<string[]> TagsAsync() =>
        (await GetJsonAsync("tags/list")).GetProperty("tags").EnumerateArray().Select(t => t.GetString()!).ToArray();

    public static string WithQuery(string location, string parameter) => location + (location.Contains('?', StringComparison.Ordinal) ? '&' : '?') + parameter;

    private static ByteArrayContent Bytes(byte[] body, string? range = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (range is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Range", range);
        }

        return content;
    }
}

/// <summary>A manifest that the server has taken.</summary>
public sealed record PushedManifest(string Digest, string MediaType, byte[] Body)
{
    /// <summary>A descriptor of it, for an index or a subject.</summary>
    public JsonObject Descriptor() => Oci.Descriptor(MediaType, Digest, Body.Length);
}

/// <summary>Media types, digests and documents of the OCI image-spec and of docker.</summary>
public static class Oci
{
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string Layer = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string ForeignLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    public const string EmptyJson = "application/vnd.oci.empty.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    public static string Digest(byte[] content, string algorithm = "sha256") =>
        algorithm + ":" + Convert.ToHexStringLower(algorithm == "sha512" ? SHA512.HashData(content) : SHA256.HashData(content));

    public static byte[] RandomBytes(int count) => RandomNumberGenerator.GetBytes(count);

    /// <summary>A digest of nothing that is stored anywhere.</summary>
    public static string UnknownDigest(string algorithm = "sha256") => Digest(RandomBytes(32), algorithm);

    public static JsonObject Descriptor(string mediaType, string digest, long size) =>
        new() { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = size };

    public static JsonObject Descriptor(string mediaType, byte[] content, string algorithm = "sha256") =>
        Descriptor(mediaType, Digest(content, algorithm), content.Length);

    /// <summary>An image index, or docker's list, over the descriptors.</summary>
    public static byte[] IndexOf(IEnumerable<JsonObject> manifests, string mediaType = Index, Action<JsonObject>? change = null)
    {
        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = mediaType, ["manifests"] = new JsonArray([.. manifests]) };
        change?.Invoke(index);
        return Utf8(index);
    }

    public static byte[] Utf8(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());
}

/// <summary>An image of random content: a config, layers, and the manifest over them.</summary>
public sealed class ImageBuilder
{
    private readonly byte[] _config;
    private readonly byte[][] _layers;

    public ImageBuilder(int layers = 2, string algorithm = "sha256", byte[]? config = null, byte[][]? layerContents = null)
    {
        Algorithm = algorithm;
        _config = config ?? Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"author":"{{Guid.NewGuid():n}}"}""");
        _layers = layerContents ?? [.. Enumerable.Range(0, layers).Select(_ => Oci.RandomBytes(256))];
    }

    /// <summary>The empty config and one layer of an artifact, as oras makes them.</summary>
    public static ImageBuilder Artifact(string artifactType, string layerType = "application/vnd.example.data") => new(1, config: "{}"u8.ToArray())
    {
        ArtifactType = artifactType,
        ConfigType = Oci.EmptyJson,
        LayerType = layerType,
    };

    public string Algorithm { get; }

    public string MediaType { get; init; } = Oci.Manifest;

    public string ConfigType { get; init; } = Oci.Config;

    public string LayerType { get; init; } = Oci.Layer;

    public string? ArtifactType { get; init; }

    public JsonObject? Subject { get; init; }

    public Dictionary<string, string>? Annotations { get; init; }

    /// <summary>A last change to the document before it is written.</summary>
    public Action<JsonObject>? Change { get; init; }

    public IReadOnlyList<byte[]> Blobs => [_config, .. _layers];

    public string ConfigDigest => Oci.Digest(_config, Algorithm);

    public IReadOnlyList<string> LayerDigests => [.. _layers.Select(l => Oci.Digest(l, Algorithm))];

    public byte[] Build()
    {
        var manifest = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaType };
        if (ArtifactType is not null)
        {
            manifest["artifactType"] = ArtifactType;
        }

        manifest["config"] = Oci.Descriptor(ConfigType, _config, Algorithm);
        manifest["layers"] = new JsonArray([.. _layers.Select(l => Oci.Descriptor(LayerType, l, Algorithm))]);
        if (Subject is not null)
        {
            manifest["subject"] = Subject.DeepClone();
        }

        if (Annotations is not null)
        {
            manifest["annotations"] = new JsonObject(Annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value)));
        }

        Change?.Invoke(manifest);
        return Oci.Utf8(manifest);
    }
}

/// <summary>The parts of a <c>WWW-Authenticate</c> header.</summary>
public sealed partial record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public string Realm => Parameters["realm"];

    public string Service => Parameters["service"];

    public string? Scope => Parameters.GetValueOrDefault("scope");

    public string? Error => Parameters.GetValueOrDefault("error");

    public static Challenge Of(HttpResponseMessage response)
    {
        var header = response.RequireHeader("WWW-Authenticate");
        var parameters = Parameter().Matches(header).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.OrdinalIgnoreCase);
        return new Challenge(header.Split(' ')[0], parameters);
    }

    [GeneratedRegex("([a-z_]+)=\"([^\"]*)\"", RegexOptions.IgnoreCase)]
    private static partial Regex Parameter();
}

/// <summary>Requests without HttpClient's own ideas about headers, and what is asserted of every answer.</summary>
public static class HttpExtensions
{
    public static Task<HttpResponseMessage> SendRawAsync(this HttpClient http, HttpMethod method, string url, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        // A path alone would be taken for a file's on Linux.
        var uri = url.StartsWith('/') ? new Uri(http.BaseAddress!, new Uri(url, UriKind.Relative)) : new Uri(url);
        var request = new HttpRequestMessage(method, uri) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return http.SendAsync(request);
    }

    /// <summary>A header of the answer or its body, its values joined with commas; null when it is absent.</summary>
    public static string? Header(this HttpResponseMessage response, string name)
    {
        var values = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .Where(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase))
            .SelectMany(h => h.Value)
            .ToArray();
        return values.Length == 0 ? null : string.Join(", ", values);
    }

    public static string RequireHeader(this HttpResponseMessage response, string name)
    {
        var value = response.Header(name);
        Assert.True(value is not null, $"The {(int)response.StatusCode} of {response.RequestMessage?.Method} {response.RequestMessage?.RequestUri} has no header {name}.");
        return value;
    }

    public static async Task<JsonElement> ReadJsonAsync(this HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }

    /// <summary>Asserts the OCI error JSON, with the first error's code and words of its message, and gives all errors.</summary>
    public static async Task<JsonElement[]> AssertErrorAsync(this HttpResponseMessage response, HttpStatusCode status, string code, params string[] words)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"Expected {(int)status} {code}, got {(int)response.StatusCode}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var errors = (await response.ReadJsonAsync()).GetProperty("errors").EnumerateArray().ToArray();
        Assert.NotEmpty(errors);
        Assert.Equal(code, errors[0].GetProperty("code").GetString());
        var message = errors[0].GetProperty("message").GetString();
        Assert.False(string.IsNullOrWhiteSpace(message));
        foreach (var word in words)
        {
            Assert.Contains(word, message, StringComparison.OrdinalIgnoreCase);
        }

        return errors;
    }

    /// <summary>The target of <c>Link: &lt;…&gt;; rel="next"</c>; null when there is no next page.</summary>
    public static string? NextLink(this HttpResponseMessage response)
    {
        if (response.Header("Link") is not { } link)
        {
            return null;
        }

        Assert.Matches("^<[^>]+>; ?rel=\"?next\"?$", link);
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }
}
