using System.Globalization;
using System.Text.Json;

namespace Ncr.Core.Images.Documents;

/// <summary>Reads documents that may be anything: what is absent or of another kind is nothing.</summary>
internal static class JsonRead
{
    public static string? Text(JsonElement parent, string name) =>
        Get(parent, name, JsonValueKind.String) is { } value && value.GetString() is { Length: > 0 } text ? text : null;

    public static long? Number(JsonElement parent, string name) => Get(parent, name, JsonValueKind.Number) is { } value && value.TryGetInt64(out var number) ? number : null;

    public static bool IsTrue(JsonElement parent, string name) => Get(parent, name, JsonValueKind.True) is not null;

    public static JsonElement Object(JsonElement parent, string name) => Get(parent, name, JsonValueKind.Object) ?? default;

    public static IEnumerable<JsonElement> Items(JsonElement parent, string name) => Get(parent, name, JsonValueKind.Array) is { } list ? list.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Members(JsonElement parent, string name) => Get(parent, name, JsonValueKind.Object) is { } map ? map.EnumerateObject() : [];

    public static IReadOnlyList<string> Texts(JsonElement parent, string name) => [.. Items(parent, name).Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!)];

    public static DateTime? Time(JsonElement parent, string name) =>
        Text(parent, name) is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        && time.Year > 1 // Tools write the year 1 for "not set".
            ? time.UtcDateTime
            : null;

    private static JsonElement? Get(JsonElement parent, string name, JsonValueKind kind) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;
}
