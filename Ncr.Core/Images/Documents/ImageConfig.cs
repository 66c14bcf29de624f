using System.Globalization;
using System.Text.Json;

namespace Ncr.Core.Images.Documents;

/// <summary>What an image's config says (image-spec, config.md), for a person to read. A config may be anything: what is not as it should be is left out.</summary>
public sealed record ImageConfig
{
    public IReadOnlyList<string> Entrypoint { get; private init; } = [];

    public IReadOnlyList<string> Command { get; private init; } = [];

    /// <summary>In the order of the config, which counts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; private init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; private init; } = [];

    public IReadOnlyList<string> Ports { get; private init; } = [];

    public IReadOnlyList<string> Volumes { get; private init; } = [];

    public string? WorkingDirectory { get; private init; }

    public string? User { get; private init; }

    public string? StopSignal { get; private init; }

    /// <summary>Docker's own: its command and times.</summary>
    public string? Healthcheck { get; private init; }

    public string? Author { get; private init; }

    public DateTime? Created { get; private init; }

    public string? Platform { get; private init; }

    public string? OsVersion { get; private init; }

    public IReadOnlyList<HistoryLine> History { get; private init; } = [];

    /// <summary>Digests of the layers unpacked.</summary>
    public IReadOnlyList<string> DiffIds { get; private init; } = [];

    /// <summary>Null when it is no JSON object.</summary>
    public static ImageConfig? TryParse(ReadOnlyMemory<byte> json)
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

    private static ImageConfig Read(JsonElement root)
    {
        var config = JsonRead.Object(root, "config");
        return new ImageConfig
        {
            Entrypoint = JsonRead.Texts(config, "Entrypoint"),
            Command = JsonRead.Texts(config, "Cmd"),
            Environment = [.. JsonRead.Texts(config, "Env").Select(Pair)],
            Labels = [.. JsonRead.Members(config, "Labels").Where(m => m.Value.ValueKind == JsonValueKind.String).Select(m => KeyValuePair.Create(m.Name, m.Value.GetString()!)).OrderBy(l => l.Key, StringComparer.Ordinal)],
            Ports = [.. JsonRead.Members(config, "ExposedPorts").Select(m => m.Name).Order(StringComparer.Ordinal)],
            Volumes = [.. JsonRead.Members(config, "Volumes").Select(m => m.Name).Order(StringComparer.Ordinal)],
            WorkingDirectory = JsonRead.Text(config, "WorkingDir"),
            User = JsonRead.Text(config, "User"),
            StopSignal = JsonRead.Text(config, "StopSignal"),
            Healthcheck = Health(JsonRead.Object(config, "Healthcheck")),
            Author = JsonRead.Text(root, "author"),
            Created = JsonRead.Time(root, "created"),
            Platform = PlatformText.Join(JsonRead.Text(root, "os"), JsonRead.Text(root, "architecture"), JsonRead.Text(root, "variant")),
            OsVersion = JsonRead.Text(root, "os.version"),
            History = [.. JsonRead.Items(root, "history").Select(HistoryLine.Read)],
            DiffIds = JsonRead.Texts(JsonRead.Object(root, "rootfs"), "diff_ids"),
        };
    }

    private static KeyValuePair<string, string> Pair(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? KeyValuePair.Create(text, "") : KeyValuePair.Create(text[..equals], text[(equals + 1)..]);
    }

    private static string? Health(JsonElement check)
    {
        var test = JsonRead.Texts(check, "Test");
        if (test.Count == 0)
        {
            return null;
        }

        var command = test switch
        {
            ["NONE", ..] => "none: that of the base image is switched off",
            ["CMD" or "CMD-SHELL", ..] => string.Join(' ', test.Skip(1)),
            _ => string.Join(' ', test),
        };
        var times = new[] { Duration(check, "Interval", "every"), Duration(check, "Timeout", "timeout"), Duration(check, "StartPeriod", "start period"), Retries(check) }.OfType<string>().ToList();
        return times.Count == 0 ? command : $"{command} ({string.Join(", ", times)})";
    }

    private static string? Duration(JsonElement check, string name, string label) =>
        JsonRead.Number(check, name) is > 0 and { } nanoseconds ? string.Create(CultureInfo.InvariantCulture, $"{label} {nanoseconds / 1e9:0.###} s") : null;

    private static string? Retries(JsonElement check) => JsonRead.Number(check, "Retries") is > 0 and { } count ? string.Create(CultureInfo.InvariantCulture, $"{count} retries") : null;
}
