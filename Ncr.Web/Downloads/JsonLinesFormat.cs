using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ncr.Core.Audit;

namespace Ncr.Web.Downloads;

/// <summary>A JSON object a line, for programs. What an event does not have is left out.</summary>
internal sealed class JsonLinesFormat : IAuditFormat
{
    // The file is saved, never shown by a browser.
    private static readonly JsonSerializerOptions Options = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Begin(IBufferWriter<byte> file)
    {
    }

    public void Write(IBufferWriter<byte> file, AuditRow row)
    {
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Encoder = Options.Encoder }))
        {
            JsonSerializer.Serialize(json, new Line(row.Id, row.At, row.Type, row.Actor, row.Address, row.Registry, row.Image, row.Tag, row.Digest, row.Details), Options);
        }

        file.Write("\n"u8);
    }

    private sealed record Line(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("time")] DateTime Time,
        [property: JsonPropertyName("event")] string Event,
        [property: JsonPropertyName("actor")] string Actor,
        [property: JsonPropertyName("address")] string? Address,
        [property: JsonPropertyName("registry")] string? Registry,
        [property: JsonPropertyName("image")] string? Image,
        [property: JsonPropertyName("tag")] string? Tag,
        [property: JsonPropertyName("digest")] string? Digest,
        [property: JsonPropertyName("details")] string? Details);
}
