using System.Buffers;
using System.Text.Json;

namespace Ncr.Registry.Protocol;

/// <summary>The JSON of lists of names.</summary>
internal static class NameList
{
    public static async Task WriteAsync(RegistryRequest request, string property, IReadOnlyList<string> names, string? name)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + (names.Count * 16));
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (name is not null)
            {
                json.WriteString("name", name);
            }

            json.WriteStartArray(property);
            foreach (var entry in names)
            {
                json.WriteStringValue(entry);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        request.Response.ContentType = "application/json; charset=utf-8";
        request.Response.ContentLength = buffer.WrittenCount;
        if (!request.IsHead)
        {
            await request.Response.Body.WriteAsync(buffer.WrittenMemory, request.Aborted);
        }
    }
}
