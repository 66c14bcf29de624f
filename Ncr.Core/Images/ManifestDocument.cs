using System.Text.Json;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;

namespace Ncr.Core.Images;

/// <summary>What a manifest says: a Docker schema 2 manifest or list, an OCI manifest or index. Fields that are unknown are left alone.</summary>
public sealed class ManifestDocument
{
    /// <summary>The largest manifest taken (distribution-spec: registries should take 4 MiB).</summary>
    public const int MaxSize = 4 * 1024 * 1024;

    /// <summary>Entries in <c>layers</c> or <c>manifests</c>; far beyond what runs, and within what one look-up takes.</summary>
    public const int MaxDescriptors = 10_000;

    private const string TitleAnnotation = "org.opencontainers.image.title";

    public required string MediaType { get; init; }

    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    public string? ArtifactType { get; init; }

    public Descriptor? Config { get; init; }

    public IReadOnlyList<Descriptor> Layers { get; init; } = [];

    public IReadOnlyList<Descriptor> Manifests { get; init; } = [];

    public Descriptor? Subject { get; init; }

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>What referrers call its type: <c>artifactType</c>, else the config's media type (distribution-spec, "Listing Referrers").</summary>
    public string? EffectiveArtifactType => ArtifactType ?? Config?.MediaType;

    /// <param name="payload">The bytes as they came.</param>
    /// <param name="contentType">The request's media type without parameters; null when it named none.</param>
    /// <exception cref="NcrException"><see cref="NcrError.ManifestInvalid"/>, with the reason.</exception>
    public static ManifestDocument Parse(ReadOnlyMemory<byte> payload, string? contentType)
    {
        if (MediaTypes.IsSchema1(contentType))
        {
            throw SchemaOne();
        }

        try
        {
            using var json = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 64 });
            return Read(json.RootElement, contentType);
        }
        catch (JsonException exception)
        {
            throw Invalid($"The manifest is no valid JSON: {exception.Message}");
        }
        catch (InvalidOperationException) // A text that is no valid UTF-16 once unescaped.
        {
            throw Invalid("The manifest holds a text that is no valid Unicode.");
        }
    }

    private static ManifestDocument Read(JsonElement root, string? contentType)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("The manifest must be a JSON object.");
        }

        var version = root.TryGetProperty("schemaVersion", out var schema) && schema.ValueKind == JsonValueKind.Number && schema.TryGetInt32(out var number) ? number : 0;
        var stated = Text(root, "mediaType", "manifest");
        if (version == 1 || MediaTypes.IsSchema1(stated))
        {
            throw SchemaOne();
        }

        if (version != 2)
        {
            throw Invalid("schemaVersion must be 2.");
        }

        var hasChildren = root.TryGetProperty("manifests", out _);
        if (hasChildren && (root.TryGetProperty("layers", out _) || root.TryGetProperty("config", out _)))
        {
            throw Invalid("The manifest has 'manifests' together with 'layers' or 'config': it can't be an index and an image at once.");
        }

        var mediaType = Decide(contentType, stated, hasChildren);
        var isIndex = MediaTypes.IsIndex(mediaType);
        if (isIndex != hasChildren)
        {
            throw Invalid(isIndex ? $"A manifest of type {mediaType} must have 'manifests'." : $"A manifest of type {mediaType} must not have 'manifests'.");
        }

        return new ManifestDocument
        {
            MediaType = mediaType,
            ArtifactType = Text(root, "artifactType", "manifest") is { Length: > 0 } type ? type : null,
            Config = isIndex ? null : One(root, "config") ?? throw Invalid("The manifest has no 'config'."),
            Layers = isIndex ? [] : Many(root, "layers") ?? throw Invalid("The manifest has no 'layers'."),
            Manifests = isIndex ? Many(root, "manifests") ?? throw Invalid("'manifests' must be a list.") : [],
            Subject = One(root, "subject"),
            Annotations = ReadAnnotations(root),
        };
    }

    private static string Decide(string? contentType, string? stated, bool hasChildren)
    {
        if (contentType is null or "application/json" or "application/octet-stream")
        {
            contentType = stated ?? (hasChildren ? MediaTypes.OciIndex : MediaTypes.OciManifest);
        }

        if (stated is not null && stated != contentType)
        {
            throw Invalid($"The request's Content-Type is {contentType}, but the manifest's mediaType is {stated}. They must be the same.");
        }

        return MediaTypes.IsManifest(contentType)
            ? contentType
            : throw Invalid($"The media type '{contentType}' is not one of a manifest. Accepted are OCI manifests and indexes, and Docker schema 2 manifests and lists.");
    }

    private static Descriptor? One(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var element) && element.ValueKind != JsonValueKind.Null ? ReadDescriptor(element, $"'{name}'") : null;

    private static List<Descriptor>? Many(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Invalid($"'{name}' must be a list.");
        }

        if (list.GetArrayLength() > MaxDescriptors)
        {
            throw Invalid($"'{name}' has {list.GetArrayLength()} entries; at most {MaxDescriptors} are taken.");
        }

        var result = new List<Descriptor>(list.GetArrayLength());
        foreach (var element in list.EnumerateArray())
        {
            result.Add(ReadDescriptor(element, $"'{name}[{result.Count}]'"));
        }

        return result;
    }

    private static Descriptor ReadDescriptor(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Invalid($"{where} must be a descriptor.");
        }

        var text = Text(element, "digest", where);
        if (!Digest.TryParse(text, out var digest))
        {
            throw new NcrException(NcrError.ManifestInvalid, $"The digest '{text}' in {where} is malformed: it must be sha256: or sha512: and lower-case hex digits.", new { digest = text });
        }

        if (!element.TryGetProperty("size", out var size) || size.ValueKind != JsonValueKind.Number || !size.TryGetInt64(out var bytes) || bytes < 0)
        {
            throw Invalid($"{where} has no valid 'size'.");
        }

        var mediaType = Text(element, "mediaType", where);
        return string.IsNullOrEmpty(mediaType)
            ? throw Invalid($"{where} has no 'mediaType'.")
            : new Descriptor(mediaType, digest, bytes, ReadPlatform(element), Text(element, "artifactType", where)) { Title = ReadTitle(element) };
    }

    /// <summary>Nothing of it is required, so nothing of it is refused.</summary>
    private static string? ReadTitle(JsonElement descriptor) =>
        descriptor.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object
        && annotations.TryGetProperty(TitleAnnotation, out var title) && title.ValueKind == JsonValueKind.String
            ? title.GetString()
            : null;

    private static string? ReadPlatform(JsonElement descriptor) =>
        descriptor.TryGetProperty("platform", out var platform) && platform.ValueKind == JsonValueKind.Object
            ? PlatformText.Join(Text(platform, "os", "platform"), Text(platform, "architecture", "platform"), Text(platform, "variant", "platform"))
            : null;

    private static Dictionary<string, string> ReadAnnotations(JsonElement root)
    {
        var result = new Dictionary<string, string>();
        if (!root.TryGetProperty("annotations", out var annotations) || annotations.ValueKind == JsonValueKind.Null)
        {
            return result;
        }

        if (annotations.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("'annotations' must be an object.");
        }

        foreach (var annotation in annotations.EnumerateObject())
        {
            result[annotation.Name] = annotation.Value.ValueKind == JsonValueKind.String
                ? annotation.Value.GetString()!
                : throw Invalid($"The annotation '{annotation.Name}' must be a text.");
        }

        return result;
    }

    private static string? Text(JsonElement parent, string name, string where)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Invalid($"'{name}' in the {where} must be a text.");
    }

    private static NcrException SchemaOne() => Invalid(
        "Docker image manifest schema 1 is not supported: it was given up by Docker. Push the image with a current docker, which sends schema 2.");

    private static NcrException Invalid(string reason) => new(NcrError.ManifestInvalid, reason, new { reason });
}
