using System.Text.Json;

namespace Ncr.Core.Images.Documents;

/// <summary>What a Helm chart says of itself: its <c>Chart.yaml</c>, which an artifact's config carries as JSON.</summary>
public sealed record HelmChart
{
    public const string ContentType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

    public string? Name { get; private init; }

    public string? Version { get; private init; }

    public string? AppVersion { get; private init; }

    public string? Description { get; private init; }

    public string? Home { get; private init; }

    public string? Kind { get; private init; }

    public string? KubeVersion { get; private init; }

    public bool IsDeprecated { get; private init; }

    public IReadOnlyList<string> Sources { get; private init; } = [];

    public IReadOnlyList<string> Keywords { get; private init; } = [];

    /// <summary>Names with their address, when they have one.</summary>
    public IReadOnlyList<HelmMaintainer> Maintainers { get; private init; } = [];

    public IReadOnlyList<HelmDependency> Dependencies { get; private init; } = [];

    /// <summary>Null when it is no JSON object.</summary>
    public static HelmChart? TryParse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // The latter for texts that are no valid Unicode.
        {
            return null;
        }
    }

    private static HelmChart Read(JsonElement root) => new()
    {
        Name = JsonRead.Text(root, "name"),
        Version = JsonRead.Text(root, "version"),
        AppVersion = JsonRead.Text(root, "appVersion"),
        Description = JsonRead.Text(root, "description"),
        Home = JsonRead.Text(root, "home"),
        Kind = JsonRead.Text(root, "type"),
        KubeVersion = JsonRead.Text(root, "kubeVersion"),
        IsDeprecated = JsonRead.IsTrue(root, "deprecated"),
        Sources = JsonRead.Texts(root, "sources"),
        Keywords = JsonRead.Texts(root, "keywords"),
        Maintainers = [.. JsonRead.Items(root, "maintainers").Select(m => new HelmMaintainer(JsonRead.Text(m, "name") ?? "", JsonRead.Text(m, "email"), JsonRead.Text(m, "url")))],
        Dependencies = [.. JsonRead.Items(root, "dependencies").Select(d => new HelmDependency(JsonRead.Text(d, "name") ?? "", JsonRead.Text(d, "version"), JsonRead.Text(d, "repository"), JsonRead.Text(d, "condition")))],
    };
}

public sealed record HelmMaintainer(string Name, string? Email, string? Url);

/// <param name="Condition">The value that switches it on or off.</param>
public sealed record HelmDependency(string Name, string? Version, string? Repository, string? Condition);
