using System.Text.Json;

namespace Ncr.Core.Images;

/// <summary>What an artifact says of itself in pairs of name and value: the labels of its config and its manifest's annotations.</summary>
internal static class Labels
{
    /// <summary>As they are kept to be searched: cut, and not too many. An annotation goes before a label of the same name.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Collect(ManifestDocument document, ReadOnlyMemory<byte> config)
    {
        if (document.Annotations.Count == 0 && config.IsEmpty)
        {
            return [];
        }

        var result = new Dictionary<string, string>();
        foreach (var (name, value) in document.Annotations.Concat(OfConfig(config)))
        {
            if (result.Count == ArtifactLabel.MaxCount)
            {
                break;
            }

            if (name.Length > 0)
            {
                result.TryAdd(Cut(name), Cut(value));
            }
        }

        return [.. result];
    }

    /// <summary>The labels of an image's config (image-spec, config.md: <c>config.Labels</c>); none when it can't be read, since a config may be anything.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> OfConfig(ReadOnlyMemory<byte> config)
    {
        if (config.IsEmpty)
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(config);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("config", out var inner) && inner.ValueKind == JsonValueKind.Object
                && inner.TryGetProperty("Labels", out var labels) && labels.ValueKind == JsonValueKind.Object
                ? [.. labels.EnumerateObject().Where(l => l.Value.ValueKind == JsonValueKind.String).Select(l => KeyValuePair.Create(l.Name, l.Value.GetString()!))]
                : [];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // The latter for texts that are no valid Unicode.
        {
            return [];
        }
    }

    private static string Cut(string text) => text.Length <= ArtifactLabel.MaxLength ? text : text[..ArtifactLabel.MaxLength];
}
