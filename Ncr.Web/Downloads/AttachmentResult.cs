using Microsoft.Net.Http.Headers;
using Ncr.Core.Errors;

namespace Ncr.Web.Downloads;

/// <summary>Bytes that a browser is to save and never to show: they come from strangers and would run in the console's name.</summary>
internal sealed class AttachmentResult(string name, long? size, Func<Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>, CancellationToken, Task> send, IAsyncDisposable? owned = null) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        try
        {
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(FileName.Safe(name));
            var response = httpContext.Response;
            response.ContentType = "application/octet-stream";
            response.ContentLength = size;
            response.Headers.ContentDisposition = disposition.ToString();
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
            response.Headers.CacheControl = "private, no-store";
            await send((piece, token) => response.Body.WriteAsync(piece, token), httpContext.RequestAborted);
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // The browser has had enough.
        }
        catch (NcrException refusal)
        {
            if (httpContext.Response.HasStarted)
            {
                httpContext.Abort(); // All of it was promised: a broken answer must look broken.
                return;
            }

            httpContext.Response.Clear();
            await DownloadEndpoints.Explain(refusal).ExecuteAsync(httpContext);
        }
        finally
        {
            if (owned is not null)
            {
                await owned.DisposeAsync();
            }
        }
    }
}
