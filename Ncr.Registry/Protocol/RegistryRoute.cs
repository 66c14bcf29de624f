using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Core.Registries;

namespace Ncr.Registry.Protocol;

/// <summary>What a path below <c>/v2/</c> asks for. A name may hold slashes, and words like "blobs" too, so the marker is looked for from the right.</summary>
internal readonly record struct RegistryRoute(RegistryResource Resource, string Name = "", string Reference = "")
{
    /// <summary>The parsed name; only after <see cref="RequireName"/> or for resources of no image.</summary>
    public ImageName Image { get; private init; }

    /// <param name="path">The decoded path after <c>/v2</c>, with its leading slash or empty.</param>
    public static bool TryParse(string path, out RegistryRoute route)
    {
        route = default;
        if (path is "" or "/")
        {
            route = new RegistryRoute(RegistryResource.Base);
            return true;
        }

        if (path == "/_catalog")
        {
            route = new RegistryRoute(RegistryResource.Catalog);
            return true;
        }

        if (path.EndsWith("/tags/list", StringComparison.Ordinal))
        {
            route = new RegistryRoute(RegistryResource.Tags, NameBefore(path, path.Length - "/tags/list".Length));
            return route.Name.Length > 0;
        }

        if (path.EndsWith("/blobs/uploads/", StringComparison.Ordinal) || path.EndsWith("/blobs/uploads", StringComparison.Ordinal))
        {
            route = new RegistryRoute(RegistryResource.Uploads, NameBefore(path, path.LastIndexOf("/blobs/uploads", StringComparison.Ordinal)));
            return route.Name.Length > 0;
        }

        return TryMarker(path, "/blobs/uploads/", RegistryResource.Upload, ref route)
            || TryMarker(path, "/manifests/", RegistryResource.Manifest, ref route)
            || TryMarker(path, "/blobs/", RegistryResource.Blob, ref route)
            || TryMarker(path, "/referrers/", RegistryResource.Referrers, ref route);
    }

    public RegistryRoute RequireName(string host)
    {
        if (ImageName.TryParse(Name, out var image))
        {
            return host.Length + 1 + Name.Length <= ImageName.MaxLengthWithHost
                ? this with { Image = image }
                : throw new NcrException(
                    NcrError.NameInvalid,
                    $"The name has {host.Length + 1 + Name.Length} characters with the host; at most {ImageName.MaxLengthWithHost} are allowed.",
                    new { name = Name });
        }

        // docker repeats a push for most of a minute when told NAME_INVALID; told NAME_UNKNOWN it stops and shows the message.
        throw RegistryName.IsValid(Name)
            ? new NcrException(NcrError.ImageUnknown, $"'{Name}' names no image. Write <registry>/<image>, such as 'team/{Name}', with a registry that exists in the console.", new { name = Name })
            : new NcrException(NcrError.NameInvalid, $"'{Name}' is no valid name. {ImageName.Rule}", new { name = Name });
    }

    private static bool TryMarker(string path, string marker, RegistryResource resource, ref RegistryRoute route)
    {
        var at = path.LastIndexOf(marker, StringComparison.Ordinal);
        if (at <= 0)
        {
            return false;
        }

        var reference = path[(at + marker.Length)..];
        if (reference.Length == 0 || reference.Contains('/', StringComparison.Ordinal))
        {
            return false;
        }

        route = new RegistryRoute(resource, NameBefore(path, at), reference);
        return route.Name.Length > 0;
    }

    private static string NameBefore(string path, int end) => end > 1 ? path[1..end] : "";
}
