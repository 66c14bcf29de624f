using System.Globalization;
using Microsoft.AspNetCore.Http;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;
using Ncr.Core.Telemetry;
using Ncr.Registry.Protocol;
using Ncr.Registry.Telemetry;

namespace Ncr.Registry.Blobs;

/// <summary><c>/v2/NAME/blobs/DIGEST</c> (distribution-spec, "Pulling blobs" and "Deleting Blobs").</summary>
internal sealed class BlobEndpoints(BlobService blobs)
{
    /// <summary>Larger than Kestrel's own blocks, so that each read becomes one send without a copy.</summary>
    private const int ChunkSize = 256 * 1024;

    /// <summary>What each gets when many are served: a slow reader holds its chunk until it has taken it.</summary>
    private const int CrowdedChunkSize = 32 * 1024;

    private const int Crowd = 64;

    /// <summary>
    /// A client that takes nothing for so long has its answer ended. Kestrel's own limit is a rate over all that was written, which the
    /// system's buffers have swallowed long before: it would let the client hold a file, a chunk and a connection for hours.
    /// </summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(5);

    private int _active;

    public async Task HandleAsync(RegistryRequest request)
    {
        if (!Digest.TryParse(request.Route.Reference, out var digest))
        {
            throw new NcrException(NcrError.DigestInvalid, $"'{request.Route.Reference}' is no digest: it must be sha256: or sha512: and lower-case hex digits.", new { digest = request.Route.Reference });
        }

        if (HttpMethods.IsDelete(request.Http.Method))
        {
            await DeleteAsync(request, digest);
        }
        else
        {
            await GetAsync(request, digest);
        }
    }

    public static NcrException Unknown(RegistryRequest request, Digest digest) =>
        new(NcrError.BlobUnknown, $"The image {request.Image} has no blob {digest}.", new { digest = digest.ToString() });

    /// <summary>A push asks with HEAD for what it has yet to bring: only a GET is worth a look for the reason.</summary>
    private async Task<NcrException> ExplainAsync(RegistryRequest request, Digest digest) =>
        (request.IsHead ? null : await blobs.ExplainMissingAsync(request.Image, digest, request.Aborted)) ?? Unknown(request, digest);

    private async Task GetAsync(RegistryRequest request, Digest digest)
    {
        var found = request.IsHead
            ? await blobs.FindForPushAsync(request.Actor, request.Image, digest, request.Aborted)
            : await blobs.FindAsync(request.Actor, request.Image, digest, request.Aborted);
        var blob = found ?? throw await ExplainAsync(request, digest);
        var etag = $"\"{digest}\"";
        var response = request.Response;
        var headers = response.Headers;
        var isKnown = ETags.Matches(request.Http, etag);

        // Before any header that a cache would keep: content that is missing is an answer of its own.
        await using var content = request.IsHead || isKnown ? null : await blobs.OpenAsync(blob, request.Aborted);
        headers[OciHeaders.ContentDigest] = digest.ToString();
        headers.ETag = etag;
        headers.CacheControl = "private, max-age=31536000, immutable";
        headers.AcceptRanges = "bytes";
        if (isKnown)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        // If-Range with another tag means: the whole, please.
        var ignored = request.IsHead || (request.Http.Headers.IfRange is [{ } condition] && condition != etag);
        var wanted = ignored ? null : request.Http.Headers.Range.ToString();
        var answer = ByteRange.Read(wanted, blob.Size, out var range);
        if (answer == ByteRange.Answer.NotSatisfiable)
        {
            headers.ContentRange = $"bytes */{blob.Size.ToString(CultureInfo.InvariantCulture)}";
            headers.CacheControl = "no-store";
            headers.ETag = default;
            await RegistryErrors.WriteAsync(request.Context, StatusCodes.Status416RangeNotSatisfiable, "SIZE_INVALID", $"The range '{wanted}' is not within the blob's {blob.Size} bytes.");
            return;
        }

        if (answer == ByteRange.Answer.Part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {range.Start}-{range.Start + range.Length - 1}/{blob.Size}");
        }

        response.ContentType = "application/octet-stream";
        response.ContentLength = range.Length;
        if (content is not null)
        {
            await SendAsync(request, content, range);
        }
    }

    private async Task SendAsync(RegistryRequest request, IBlobContent content, ByteRange range)
    {
        Interlocked.Increment(ref _active);
        var isWhole = false;
        try
        {
            isWhole = await CopyAsync(request, content, range);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
            if (!isWhole)
            {
                RequestWatch.NoteCut(request.Context);
            }
        }
    }

    /// <returns>Whether all of it was sent.</returns>
    private async Task<bool> CopyAsync(RegistryRequest request, IBlobContent content, ByteRange range)
    {
        var writer = request.Response.BodyWriter;
        var (offset, left) = (range.Start, range.Length);
        using var patience = left > ChunkSize ? CancellationTokenSource.CreateLinkedTokenSource(request.Aborted) : null;
        while (left > 0)
        {
            var size = (int)Math.Min(left, Volatile.Read(ref _active) > Crowd ? CrowdedChunkSize : ChunkSize);
            var read = await content.ReadAsync(writer.GetMemory(size)[..size], offset, request.Aborted);
            if (read == 0)
            {
                request.Context.Abort(); // The length was promised: the client must see a broken answer, not a short one.
                return false;
            }

            writer.Advance(read);
            offset += read;
            left -= read;
            patience?.CancelAfter(IdleLimit);
            if ((await writer.FlushAsync(patience?.Token ?? request.Aborted)).IsCompleted)
            {
                return false; // The client is gone.
            }

            if (patience is { IsCancellationRequested: true })
            {
                request.Context.Abort();
                return false;
            }

            NcrMetrics.Sent(read);
        }

        return true;
    }

    private async Task DeleteAsync(RegistryRequest request, Digest digest)
    {
        if (!await blobs.DeleteAsync(request.Actor, request.Image, digest, request.Aborted))
        {
            throw Unknown(request, digest);
        }

        request.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
