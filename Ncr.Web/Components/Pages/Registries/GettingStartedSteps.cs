namespace Ncr.Web.Components.Pages.Registries;

/// <summary>The commands that a newcomer pushes and pulls with, with the real names filled in.</summary>
internal static class GettingStartedSteps
{
    public const string KeyPlaceholder = "YOUR_ACCESS_KEY";

    public static readonly string[] Clients = ["docker", "podman", "helm", "oras"];

    public static IReadOnlyList<Step> For(string client, ServerAddress server, string registry, string? key)
    {
        var host = server.Host;
        var user = key ?? KeyPlaceholder;
        var tls = server.IsPlainHttp ? " --tls-verify=false" : "";
        var plain = server.IsPlainHttp ? " --plain-http" : "";
        return client switch
        {
            "podman" =>
            [
                new("Log in", [$"podman login{tls} -u {user} {host}"]),
                new("Tag an image that you have", [$"podman tag my-app:1.0 {host}/{registry}/my-app:1.0"]),
                new("Push it", [$"podman push{tls} {host}/{registry}/my-app:1.0"]),
                new("Pull it", [$"podman pull{tls} {host}/{registry}/my-app:1.0"]),
            ],
            "helm" =>
            [
                // Helm 3.17 and older know no --plain-http here; from the same machine no helm needs it.
                new("Log in", [$"helm registry login{(server.IsLocal ? "" : plain)} -u {user} {host}"]),
                new("Package a chart", ["helm package ./my-chart"]),
                new("Push it", [$"helm push{plain} my-chart-0.1.0.tgz oci://{host}/{registry}"]),
                new("Pull or install it", [$"helm pull{plain} oci://{host}/{registry}/my-chart --version 0.1.0", $"helm install{plain} my-release oci://{host}/{registry}/my-chart --version 0.1.0"]),
            ],
            "oras" =>
            [
                new("Log in", [$"oras login{plain} -u {user} {host}"]),
                new("Push a file", [$"oras push{plain} {host}/{registry}/my-files:1.0 report.pdf:application/pdf"]),
                new("Attach a file to what is there", [$"oras attach{plain} --artifact-type application/vnd.example.notes {host}/{registry}/my-files:1.0 notes.txt"]),
                new("Pull it", [$"oras pull{plain} {host}/{registry}/my-files:1.0"]),
            ],
            _ =>
            [
                new("Log in", [$"docker login -u {user} {host}"], DockerNote(server)),
                new("Tag an image that you have", [$"docker tag my-app:1.0 {host}/{registry}/my-app:1.0"]),
                new("Push it", [$"docker push {host}/{registry}/my-app:1.0"]),
                new("Pull it", [$"docker pull {host}/{registry}/my-app:1.0"]),
            ],
        };
    }

    private static string? DockerNote(ServerAddress server) => server.IsPlainHttp && !server.IsLocal
        ? $"This server is reached by plain HTTP, which docker refuses unless its daemon.json lists it: \"insecure-registries\": [\"{server.Host}\"]. Better give the server a certificate."
        : null;

    /// <param name="Title">What it does.</param>
    /// <param name="Commands">One a line.</param>
    /// <param name="Note">What to know about it; null when nothing.</param>
    internal sealed record Step(string Title, IReadOnlyList<string> Commands, string? Note = null);
}
