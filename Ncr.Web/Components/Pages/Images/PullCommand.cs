using Ncr.Core.Images;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>The command that pulls an artifact with the client it was made for.</summary>
internal static class PullCommand
{
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
}
