using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ncr.Web.Components.Shared;

internal static class JsonText
{
    /// <summary>For markup that is escaped when it is written, so nothing needs escaping here.</summary>
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Indented; as it is when it is no JSON after all.</summary>
    public static string Format(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return JsonSerializer.Serialize(document, Options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException) // The latter for texts that are no valid Unicode.
        {
            return Encoding.UTF8.GetString(json);
        }
    }
}
