using System.Globalization;
using Microsoft.AspNetCore.Http;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;

namespace Ncr.Registry.Protocol;

/// <summary>The Content-Range of a chunk, <c>start-end</c> (distribution-spec, "Pushing a blob in chunks"); some clients write <c>bytes start-end/*</c>.</summary>
internal static class ContentRange
{
    /// <returns>Null when the request has none.</returns>
    /// <exception cref="NcrException"><see cref="NcrError.UploadRangeInvalid"/>: it is malformed.</exception>
    public static ChunkRange? Read(HttpRequest request)
    {
        string? header = request.Headers.ContentRange;
        if (header is null)
        {
            return null;
        }

        var text = header.AsSpan().Trim();
        if (text.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase))
        {
            text = text["bytes ".Length..];
        }

        if (text.IndexOf('/') is var slash and >= 0)
        {
            text = text[..slash];
        }

        var dash = text.IndexOf('-');
        return dash > 0
            && long.TryParse(text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            && long.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            && end >= start
            ? new ChunkRange(start, end)
            : throw new NcrException(NcrError.UploadRangeInvalid, $"Content-Range '{header}' is malformed: write <first byte>-<last byte>, such as 0-1023.");
    }
}
