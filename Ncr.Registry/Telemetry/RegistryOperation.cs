using Microsoft.AspNetCore.Http;

namespace Ncr.Registry.Telemetry;

/// <summary>The few kinds of requests that are counted apart.</summary>
public static class RegistryOperation
{
    public const string Token = "token";
    private const string Other = "other";

    /// <param name="method">The request's method.</param>
    /// <param name="path">What follows <c>/v2</c>.</param>
    public static string Of(string method, ReadOnlySpan<char> path)
    {
        if (path is "" or "/")
        {
            return "base";
        }

        if (path is "/_catalog")
        {
            return "catalog";
        }

        if (path.EndsWith("/tags/list"))
        {
            return "tags_list";
        }

        // Names may hold the same words, so only what stands right before the last part counts.
        var parent = path[..Math.Max(0, path.LastIndexOf('/'))];
        return parent.EndsWith("/manifests") ? OfManifest(method)
            : parent.EndsWith("/blobs/uploads") && path.Length > parent.Length + 1 ? OfUpload(method)
            : parent.EndsWith("/blobs/uploads") || path.EndsWith("/blobs/uploads") ? "upload_start"
            : parent.EndsWith("/blobs") ? OfBlob(method)
            : parent.EndsWith("/referrers") ? "referrers"
            : Other;
    }

    private static string OfManifest(string method) =>
        HttpMethods.IsGet(method) ? "manifest_get"
        : HttpMethods.IsHead(method) ? "manifest_head"
        : HttpMethods.IsPut(method) ? "manifest_put"
        : HttpMethods.IsDelete(method) ? "manifest_delete"
        : Other;

    private static string OfBlob(string method) =>
        HttpMethods.IsGet(method) ? "blob_get"
        : HttpMethods.IsHead(method) ? "blob_head"
        : HttpMethods.IsDelete(method) ? "blob_delete"
        : Other;

    private static string OfUpload(string method) =>
        HttpMethods.IsPatch(method) ? "upload_patch"
        : HttpMethods.IsPut(method) ? "upload_put"
        : HttpMethods.IsGet(method) ? "upload_get"
        : HttpMethods.IsDelete(method) ? "upload_delete"
        : Other;
}
