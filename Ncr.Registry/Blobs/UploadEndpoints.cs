using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Registry.Protocol;

namespace Ncr.Registry.Blobs;

/// <summary><c>/v2/NAME/blobs/uploads/</c> and the sessions below it (distribution-spec, "Pushing blobs").</summary>
internal sealed class UploadEndpoints(UploadService uploads, BlobService blobs)
{
    public async Task StartAsync(RegistryRequest request)
    {
        var query = request.Http.Query;
        if (query["mount"].ToString() is { Length: > 0 } mount && await TryMountAsync(request, mount, query["from"]))
        {
            return;
        }

        var digest = query["digest"].ToString();
        if (digest.Length == 0)
        {
            var hint = query["digest-algorithm"].ToString() == "sha512" ? HashAlgorithmName.SHA512 : (HashAlgorithmName?)null;
            WriteAccepted(request, await uploads.StartAsync(request.Actor, request.Image, hint, request.Aborted));
            return;
        }

        var wanted = ParseDigest(digest);
        var status = await uploads.StartAsync(request.Actor, request.Image, wanted.Algorithm, request.Aborted);
        var hasBody = request.Context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        if (!hasBody && wanted != wanted.SameAlgorithmOver([]))
        {
            WriteAccepted(request, status); // Only announced: the content comes by PATCH or PUT.
            return;
        }

        await CompleteAsync(request, status.Id, wanted);
    }

    public async Task HandleAsync(RegistryRequest request)
    {
        var id = request.Route.Reference;
        if (HttpMethods.IsPatch(request.Http.Method))
        {
            await PatchAsync(request, id);
        }
        else if (HttpMethods.IsPut(request.Http.Method))
        {
            await PutAsync(request, id);
        }
        else if (HttpMethods.IsDelete(request.Http.Method))
        {
            await uploads.CancelAsync(request.Actor, request.Image, id, request.Aborted);
            request.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            WriteStatus(request, await uploads.GetAsync(request.Actor, request.Image, id, request.Aborted));
            request.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private async Task<bool> TryMountAsync(RegistryRequest request, string mount, string? from)
    {
        // What can't be mounted is uploaded instead: a malformed digest or source is no error here (distribution-spec, "Mounting a blob").
        ImageName? source = null;
        if (!string.IsNullOrEmpty(from))
        {
            if (!ImageName.TryParse(from, out var parsed))
            {
                return false;
            }

            source = parsed;
        }

        if (!Digest.TryParse(mount, out var digest) || !await blobs.MountAsync(request.Actor, request.Image, digest, source, request.Aborted))
        {
            return false;
        }

        WriteCreated(request, digest);
        return true;
    }

    private async Task PatchAsync(RegistryRequest request, string id)
    {
        LiftBodyLimits(request.Context);
        try
        {
            WriteAccepted(request, await uploads.AppendAsync(request.Actor, request.Image, id, request.Http.Body, ContentRange.Read(request.Http), request.Http.ContentLength, request.Aborted));
        }
        catch (NcrException exception) when (exception.Error == NcrError.UploadRangeInvalid)
        {
            await TellStatusAsync(request, id);
            throw;
        }
    }

    private async Task PutAsync(RegistryRequest request, string id)
    {
        string? digest = request.Http.Query["digest"].FirstOrDefault();
        if (string.IsNullOrEmpty(digest))
        {
            throw new NcrException(NcrError.DigestInvalid, "The digest of the content is missing: end an upload with PUT …?digest=sha256:….");
        }

        try
        {
            await CompleteAsync(request, id, ParseDigest(digest));
        }
        catch (NcrException exception) when (exception.Error == NcrError.UploadRangeInvalid)
        {
            await TellStatusAsync(request, id);
            throw;
        }
    }

    private async Task CompleteAsync(RegistryRequest request, string id, Digest digest)
    {
        LiftBodyLimits(request.Context);
        await uploads.CompleteAsync(request.Actor, request.Image, id, digest, request.Http.Body, ContentRange.Read(request.Http), request.Http.ContentLength, request.Aborted);
        WriteCreated(request, digest);
    }

    /// <summary>A 416 says where the upload stands, so that the client can go on.</summary>
    private async Task TellStatusAsync(RegistryRequest request, string id) =>
        WriteStatus(request, await uploads.GetAsync(request.Actor, request.Image, id, request.Aborted));

    private static Digest ParseDigest(string text) => Digest.TryParse(text, out var digest)
        ? digest
        : throw new NcrException(NcrError.DigestInvalid, $"'{text}' is no digest: it must be sha256: or sha512: and lower-case hex digits.", new { digest = text });

    private static void WriteAccepted(RegistryRequest request, UploadStatus status)
    {
        WriteStatus(request, status);
        request.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static void WriteStatus(RegistryRequest request, UploadStatus status)
    {
        var headers = request.Response.Headers;
        headers.Location = $"/v2/{request.Image}/blobs/uploads/{status.Id}";
        headers.Range = $"0-{Math.Max(0, status.Offset - 1).ToString(CultureInfo.InvariantCulture)}";
        headers[OciHeaders.UploadId] = status.Id;
    }

    private static void WriteCreated(RegistryRequest request, Digest digest)
    {
        request.Response.StatusCode = StatusCodes.Status201Created;
        request.Response.Headers.Location = $"/v2/{request.Image}/blobs/{digest}";
        request.Response.Headers[OciHeaders.ContentDigest] = digest.ToString();
    }

    /// <summary>Layers may be of any size, and a client on a slow line may pause: only here, where the caller is known.</summary>
    private static void LiftBodyLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
