namespace Ncr.Core.Images.Documents;

/// <summary>How two artifacts of an image differ.</summary>
/// <param name="Shared">Layers that both have.</param>
/// <param name="OnlyA">Layers, or an index's manifests, that the first alone has.</param>
/// <param name="OnlyB">The same of the second.</param>
/// <param name="Differences">What the configs say differently.</param>
/// <param name="Platforms">What two indexes hold for each platform.</param>
public sealed record ArtifactComparison(
    IReadOnlyList<Descriptor> Shared, IReadOnlyList<Descriptor> OnlyA, IReadOnlyList<Descriptor> OnlyB, IReadOnlyList<ConfigDifference> Differences, IReadOnlyList<PlatformPair> Platforms)
{
    public static ArtifactComparison Of(ArtifactDetails a, ArtifactDetails b)
    {
        var inA = a.Document.Layers.Select(l => l.Digest).ToHashSet();
        var inB = b.Document.Layers.Select(l => l.Digest).ToHashSet();
        return new ArtifactComparison(
            [.. a.Document.Layers.Where(l => inB.Contains(l.Digest))],
            [.. a.Document.Layers.Where(l => !inB.Contains(l.Digest))],
            [.. b.Document.Layers.Where(l => !inA.Contains(l.Digest))],
            Differ(a, b),
            Pair(a.Document.Manifests, b.Document.Manifests));
    }

    private static List<ConfigDifference> Differ(ArtifactDetails a, ArtifactDetails b)
    {
        var (first, second) = (Facts(a), Facts(b));
        return [.. first.Keys.Concat(second.Keys).Distinct()
            .Select(k => new ConfigDifference(k.Group, k.Name, first.GetValueOrDefault(k), second.GetValueOrDefault(k)))
            .Where(d => d.A != d.B)];
    }

    private static Dictionary<(string Group, string Name), string> Facts(ArtifactDetails details)
    {
        var facts = new Dictionary<(string, string), string>();
        void Add(string group, string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                facts[(group, name)] = value;
            }
        }

        if (details.Config is { } json && MediaTypes.IsImageConfig(details.Document.Config?.MediaType) && ImageConfig.TryParse(json) is { } config)
        {
            Add("", "Platform", config.Platform);
            Add("", "Created", config.Created?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture));
            Add("", "Author", config.Author);
            Add("", "Entry point", CommandText.Join(config.Entrypoint));
            Add("", "Command", CommandText.Join(config.Command));
            Add("", "Working directory", config.WorkingDirectory);
            Add("", "User", config.User);
            Add("", "Ports", string.Join(", ", config.Ports));
            Add("", "Volumes", string.Join(", ", config.Volumes));
            Add("", "Stop signal", config.StopSignal);
            Add("", "Health check", config.Healthcheck);
            foreach (var (name, value) in config.Environment)
            {
                facts[("Environment", name)] = value;
            }

            foreach (var (name, value) in config.Labels)
            {
                facts[("Label", name)] = value;
            }
        }

        foreach (var (name, value) in details.Document.Annotations.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            facts[("Annotation", name)] = value;
        }

        return facts;
    }

    /// <summary>By platform; what has none, such as an attestation, is by its digest.</summary>
    private static List<PlatformPair> Pair(IReadOnlyList<Descriptor> a, IReadOnlyList<Descriptor> b)
    {
        static string KeyOf(Descriptor d) => d.Platform ?? d.Digest.Short;
        var (first, second) = (a.ToLookup(KeyOf), b.ToLookup(KeyOf));
        return [.. first.Select(g => g.Key).Concat(second.Select(g => g.Key)).Distinct().Order(StringComparer.Ordinal)
            .Select(k => new PlatformPair(k, first[k].FirstOrDefault(), second[k].FirstOrDefault()))];
    }
}

/// <param name="Group">What kind of thing: empty for the config itself, else Environment, Label or Annotation.</param>
/// <param name="A">Null when the first has none.</param>
/// <param name="B">Null when the second has none.</param>
public sealed record ConfigDifference(string Group, string Name, string? A, string? B);

public sealed record PlatformPair(string Platform, Descriptor? A, Descriptor? B);
