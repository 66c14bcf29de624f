using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>Looks at what a server holds with bare requests, so that a client's word is never the only witness.</summary>
public sealed class Wire : IDisposable
{
    private static readonly string[] ManifestTypes =
    [
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ];

    private readonly HttpClient _http;

    public Wire(NcrServer server)
    {
        _http = new HttpClient { BaseAddress = server.Url };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{server.AccessKey}:{server.SecretKey}")));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The digest of a manifest, taken over the bytes that came.</summary>
    public async Task<string> DigestAsync(string name, string reference) => Files.Digest((await ManifestAsync(name, reference)).Bytes);

    public async Task<(byte[] Bytes, string? MediaType)> ManifestAsync(string name, string reference)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v2/{name}/manifests/{reference}");
        foreach (var type in ManifestTypes)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadAsByteArrayAsync(), response.Content.Headers.ContentType?.MediaType);
    }

    public async Task<JsonElement> ManifestJsonAsync(string name, string reference)
    {
        using var document = JsonDocument.Parse((await ManifestAsync(name, reference)).Bytes);
        return document.RootElement.Clone();
    }

    /// <summary>The tags of an image, in order of their names.</summary>
    public async Task<string[]> TagsAsync(string name)
    {
        using var document = JsonDocument.Parse(await _http.GetByteArrayAsync(Relative($"v2/{name}/tags/list")));
        var tags = document.RootElement.GetProperty("tags");
        return tags.ValueKind == JsonValueKind.Null ? [] : [.. tags.EnumerateArray().Select(t => t.GetString()!).Order(StringComparer.Ordinal)];
    }

    /// <summary>The artifact types of what refers to a manifest.</summary>
    public async Task<string[]> ReferrerTypesAsync(string name, string digest)
    {
        using var document = JsonDocument.Parse(await _http.GetByteArrayAsync(Relative($"v2/{name}/referrers/{digest}")));
        return [.. document.RootElement.GetProperty("manifests").EnumerateArray().Select(m => m.GetProperty("artifactType").GetString()!)];
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);
}
