using System.Text.Json;

namespace Ncr.Core.Images;

/// <summary>Platforms as people write them: <c>linux/arm64/v8</c>.</summary>
internal static class PlatformText
{
    /// <summary>Null for what is no platform, such as the <c>unknown/unknown</c> that build tools give to attestations.</summary>
    public static string? Join(string? os, string? architecture, string? variant) =>
        string.IsNullOrEmpty(os) || string.IsNullOrEmpty(architecture) || (os == "unknown" && architecture == "unknown") ? null
        : string.IsNullOrEmpty(variant) ? $"{os}/{architecture}"
        : $"{os}/{architecture}/{variant}";

    /// <summary>The platform that an image's config names (image-spec, config.md); null when it is none or can't be read: a config may be anything.</summary>
    public static string? OfConfig(ReadOnlyMemory<byte> config)
    {
        try
        {
            using var json = JsonDocument.Parse(config);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? Join(Text(json.RootElement, "os"), Text(json.RootElement, "architecture"), Text(json.RootElement, "variant"))
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // The latter for texts that are no valid Unicode.
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
