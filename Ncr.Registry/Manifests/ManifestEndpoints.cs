using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Registry.Protocol;

namespace Ncr.Registry.Manifests;

/// <summary><c>/v2/NAME/manifests/REFERENCE</c> (distribution-spec, "Pulling manifests", "Pushing Manifests", "Deleting Manifests").</summary>
internal sealed class ManifestEndpoints(ManifestService manifests, PushService pushes, ArtifactService artifacts, TagService tags)
{
    public Task HandleAsync(RegistryRequest request)
    {
        if (!Reference.TryParse(request.Route.Reference, out var reference))
        {
            throw request.Route.Reference.Contains(':', StringComparison.Ordinal)
                ? new NcrException(NcrError.DigestInvalid, $"'{request.Route.Reference}' is no digest: it must be sha256: or sha512: and lower-case hex digits.", new { digest = request.Route.Reference })
                : new NcrException(NcrError.TagInvalid, $"'{request.Route.Reference}' is no tag. {TagName.Rule}", new { tag = request.Route.Reference });
        }

        return HttpMethods.IsPut(request.Http.Method) ? PutAsync(request, reference)
            : HttpMethods.IsDelete(request.Http.Method) ? DeleteAsync(request, reference)
            : GetAsync(request, reference);
    }

    private async Task GetAsync(RegistryRequest request, Reference reference)
    {
        var manifest = request.IsHead
            ? await manifests.FindAsync(request.Actor, request.Image, reference, request.Aborted)
            : await manifests.PullAsync(request.Actor, request.Image, reference, request.Aborted);
        if (manifest is null)
        {
            throw await manifests.ExplainMissingAsync(request.Image, reference, request.Aborted);
        }

        var digest = manifest.Digest.ToString();
        var etag = $"\"{digest}\"";
        var response = request.Response;
        response.Headers[OciHeaders.ContentDigest] = digest;
        response.Headers.ETag = etag;
        if (ETags.Matches(request.Http, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = manifest.MediaType;
        response.ContentLength = manifest.Size;
        if (manifest.Payload is { } payload)
        {
            await response.BodyWriter.WriteAsync(payload, request.Aborted);
        }
    }

    private async Task PutAsync(RegistryRequest request, Reference reference)
    {
        var payload = await ReadBodyAsync(request);
        var contentType = MediaTypeHeaderValue.TryParse(request.Http.ContentType, out var parsed) ? parsed.MediaType.ToString() : null;
        var moreTags = request.Http.Query["tag"].OfType<string>().ToList();
        var pushed = await pushes.PushAsync(request.Actor, request.Image, reference, moreTags, payload, contentType, request.Aborted);
        var headers = request.Response.Headers;
        headers.Location = $"/v2/{request.Image}/manifests/{pushed.Digest}";
        headers[OciHeaders.ContentDigest] = pushed.Digest.ToString();
        if (pushed.Subject is { } subject)
        {
            headers[OciHeaders.Subject] = subject.ToString();
        }

        if (moreTags.Count > 0)
        {
            headers[OciHeaders.Tag] = pushed.Tags.ToArray();
        }

        request.Response.StatusCode = StatusCodes.Status201Created;
    }

    private async Task DeleteAsync(RegistryRequest request, Reference reference)
    {
        var found = reference.IsTag
            ? await tags.DeleteAsync(request.Actor, request.Image, reference.Tag, request.Aborted)
            : await artifacts.DeleteAsync(request.Actor, request.Image, reference.Digest, withParts: false, request.Aborted) > 0;
        if (!found)
        {
            throw await manifests.ExplainMissingAsync(request.Image, reference, request.Aborted);
        }

        request.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task<byte[]> ReadBodyAsync(RegistryRequest request)
    {
        if (request.Http.ContentLength > ManifestDocument.MaxSize)
        {
            throw TooLarge();
        }

        var reader = request.Http.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(request.Aborted);
            if (result.Buffer.Length > ManifestDocument.MaxSize)
            {
                reader.AdvanceTo(result.Buffer.End); // Else the rest can't be drained, and the connection would be cut.
                throw TooLarge();
            }

            if (result.IsCompleted)
            {
                var payload = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return payload;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static NcrException TooLarge() =>
        new(NcrError.TooLarge, $"The manifest is larger than {ManifestDocument.MaxSize / 1024 / 1024} MiB, the most that is taken.");
}
