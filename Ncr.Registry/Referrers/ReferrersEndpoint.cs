using System.Buffers;
using System.Text.Json;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Registry.Protocol;

namespace Ncr.Registry.Referrers;

/// <summary><c>/v2/NAME/referrers/DIGEST</c> (distribution-spec, "Listing Referrers").</summary>
internal sealed class ReferrersEndpoint(ManifestService manifests)
{
    private const string Filter = "artifactType";

    public async Task HandleAsync(RegistryRequest request)
    {
        if (!Digest.TryParse(request.Route.Reference, out var subject))
        {
            throw new NcrException(NcrError.DigestInvalid, $"'{request.Route.Reference}' is no digest: it must be sha256: or sha512: and lower-case hex digits.", new { digest = request.Route.Reference });
        }

        if (await ListPaging.ReadAsync(request.Context, ManifestService.MaxReferrers) is not { } paging)
        {
            return;
        }

        var artifactType = request.Http.Query[Filter].ToString() is { Length: > 0 } type ? type : null;
        var page = paging.Count == 0
            ? new Core.Paging.KeysetPage<ReferrerRow>([], false)
            : await manifests.ListReferrersAsync(request.Actor, request.Image, subject, artifactType, paging.Last, paging.Count, request.Aborted);
        if (page.HasMore)
        {
            ListPaging.AddLink(request.Context, paging.Count, page.Items[^1].Digest, Filter);
        }

        if (artifactType is not null)
        {
            request.Response.Headers[OciHeaders.FiltersApplied] = Filter;
        }

        var body = Write(page.Items);
        request.Response.ContentType = MediaTypes.OciIndex;
        request.Response.ContentLength = body.WrittenCount;
        if (!request.IsHead)
        {
            await request.Response.Body.WriteAsync(body.WrittenMemory, request.Aborted);
        }
    }

    private static ArrayBufferWriter<byte> Write(IReadOnlyList<ReferrerRow> rows)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (rows.Count * 256));
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", MediaTypes.OciIndex);
        json.WriteStartArray("manifests");
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("mediaType", row.MediaType);
            json.WriteString("digest", row.Digest);
            json.WriteNumber("size", row.Size);
            if (row.ArtifactType is not null)
            {
                json.WriteString(Filter, row.ArtifactType);
            }

            if (row.Annotations is not null)
            {
                json.WritePropertyName("annotations");
                json.WriteRawValue(row.Annotations);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer;
    }
}
