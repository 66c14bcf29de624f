using Microsoft.AspNetCore.Http;
using Ncr.Core.Images;
using Ncr.Registry.Auth;

namespace Ncr.Registry.Protocol;

/// <summary>Which methods each resource takes, and which scope a request must be allowed to ask for.</summary>
internal static class RegistryPermissions
{
    private static readonly string[] Pull = [RegistryScope.Pull];
    private static readonly string[] PullPush = [RegistryScope.Pull, RegistryScope.Push];
    private static readonly string[] Delete = [RegistryScope.Delete];

    /// <summary>The methods a resource takes, as its Allow header says them.</summary>
    public static string AllowOf(RegistryResource resource) => resource switch
    {
        RegistryResource.Base or RegistryResource.Catalog or RegistryResource.Tags or RegistryResource.Referrers => "GET, HEAD",
        RegistryResource.Manifest => "GET, HEAD, PUT, DELETE",
        RegistryResource.Blob => "GET, HEAD, DELETE",
        RegistryResource.Uploads => "POST",
        _ => "GET, PATCH, PUT, DELETE",
    };

    public static bool Takes(RegistryResource resource, string method)
    {
        foreach (var allowed in AllowOf(resource).AsSpan().Split(", "))
        {
            if (AllowOf(resource).AsSpan(allowed).SequenceEqual(method))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The scopes that a challenge names for a request: what to ask the token service for.</summary>
    public static IReadOnlyList<RegistryScope> ScopesOf(RegistryRoute route, HttpRequest request) => route.Resource switch
    {
        RegistryResource.Base => [],
        RegistryResource.Catalog => [RegistryScope.OfCatalog],
        RegistryResource.Tags or RegistryResource.Referrers => [RegistryScope.Of(route.Name, Pull)],
        RegistryResource.Manifest or RegistryResource.Blob when HttpMethods.IsDelete(request.Method) => [RegistryScope.Of(route.Name, Delete)],
        RegistryResource.Manifest when HttpMethods.IsPut(request.Method) => [RegistryScope.Of(route.Name, PullPush)],
        RegistryResource.Manifest or RegistryResource.Blob => [RegistryScope.Of(route.Name, Pull)],
        RegistryResource.Uploads when MountSource(request) is { } source => [RegistryScope.Of(route.Name, PullPush), RegistryScope.Of(source, Pull)],
        _ => [RegistryScope.Of(route.Name, PullPush)],
    };

    /// <summary>The image a blob shall be mounted from, when the request names one that there can be.</summary>
    public static string? MountSource(HttpRequest request) =>
        request.Query["mount"].Count > 0 && ImageName.TryParse(request.Query["from"], out var source) ? source.ToString() : null;
}
