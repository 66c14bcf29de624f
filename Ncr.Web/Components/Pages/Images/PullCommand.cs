using Ncr.Core.Images;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>The commands that pull an artifact.</summary>
internal static class PullCommand
{
    /// <summary>With the client it was made for.</summary>
    public static string For(ArtifactRow row, ServerAddress server, string image)
    {
        var plain = server.IsPlainHttp ? " --plain-http" : "";
        var byTag = row.Tags.Count > 0 ? $":{row.Tags[0]}" : $"@{row.Digest}";
        return row.Type switch
        {
            ArtifactType.Image or ArtifactType.Index => $"docker pull {server.Host}/{image}{byTag}",
            ArtifactType.HelmChart when row.Tags.Count > 0 => $"helm pull{plain} oci://{server.Host}/{image} --version {row.Tags[0].Replace('_', '+')}",
            ArtifactType.HelmChart => $"helm pull{plain} oci://{server.Host}/{image}@{row.Digest}",
            _ => $"oras pull{plain} {server.Host}/{image}{byTag}",
        };
    }

    /// <summary>With each client that can, the fitting first: by the first tag and by the digest.</summary>
    public static IReadOnlyList<ClientCommands> All(ArtifactRow row, ServerAddress server, string image)
    {
        var isImage = row.Type is ArtifactType.Image or ArtifactType.Index;
        string[] clients = isImage ? ["docker", "podman", "skopeo", "crane", "oras"] : row.Type == ArtifactType.HelmChart ? ["helm", "oras", "skopeo"] : ["oras", "skopeo", "crane"];
        return [.. clients.Select(c => new ClientCommands(
            c,
            row.Tags.Count > 0 ? Command(c, server, $"{server.Host}/{image}", row.Tags[0], null, row.Type) : null,
            Command(c, server, $"{server.Host}/{image}", row.Tags.Count > 0 ? row.Tags[0] : null, row.Digest, row.Type)))];
    }

    /// <summary>Installs a chart.</summary>
    public static string Install(ServerAddress server, string image, string chart, string? version) =>
        $"helm install {chart}{(server.IsPlainHttp ? " --plain-http" : "")} oci://{server.Host}/{image}{(version is null ? "" : $" --version {version}")}";

    private static string Command(string client, ServerAddress server, string repository, string? tag, string? digest, ArtifactType type)
    {
        var isImage = type is ArtifactType.Image or ArtifactType.Index;
        var reference = digest is null ? $"{repository}:{tag}" : $"{repository}@{digest}";
        var folder = repository[(repository.LastIndexOf('/') + 1)..];
        var file = $"{folder}{(tag is null ? "" : $"-{tag}")}.tar";
        var isPlain = server.IsPlainHttp;
        return client switch
        {
            "docker" => $"docker pull {reference}",
            "podman" => $"podman pull{(isPlain ? " --tls-verify=false" : "")} {reference}",
            "skopeo" => $"skopeo copy{(isPlain ? " --src-tls-verify=false" : "")}{(isImage ? " --all" : "")} docker://{reference} oci:{folder}{(tag is null ? "" : $":{tag}")}",
            "crane" => isImage ? $"crane pull{(isPlain ? " --insecure" : "")} {reference} {file}" : $"crane manifest{(isPlain ? " --insecure" : "")} {reference}",
            "helm" when digest is null => $"helm pull{(isPlain ? " --plain-http" : "")} oci://{repository} --version {tag!.Replace('_', '+')}",
            "helm" => $"helm pull{(isPlain ? " --plain-http" : "")} oci://{reference}",
            // What is in a chart bears no file names, without which "oras pull" leaves it out.
            _ when isImage || type == ArtifactType.HelmChart => $"oras copy{(isPlain ? " --from-plain-http" : "")} {reference} --to-oci-layout {folder}{(tag is null ? "" : $":{tag}")}",
            _ => $"oras pull{(isPlain ? " --plain-http" : "")} {reference}",
        };
    }
}
