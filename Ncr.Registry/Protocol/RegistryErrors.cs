using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Ncr.Core.Errors;
using Ncr.Registry.Telemetry;

namespace Ncr.Registry.Protocol;

/// <summary>The one table from refusals to the wire (distribution-spec, "Error Codes"), and the JSON that carries them.</summary>
internal static class RegistryErrors
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static (int Status, string Code) Of(NcrError error) => error switch
    {
        NcrError.Invalid => (StatusCodes.Status400BadRequest, "UNSUPPORTED"),
        NcrError.NotFound => (StatusCodes.Status404NotFound, "NAME_UNKNOWN"),
        NcrError.Conflict => (StatusCodes.Status409Conflict, "DENIED"),
        NcrError.Unauthenticated => (StatusCodes.Status401Unauthorized, "UNAUTHORIZED"),
        NcrError.Denied => (StatusCodes.Status403Forbidden, "DENIED"),
        NcrError.TooManyRequests => (StatusCodes.Status429TooManyRequests, "TOOMANYREQUESTS"),
        NcrError.RegistryUnknown or NcrError.ImageUnknown => (StatusCodes.Status404NotFound, "NAME_UNKNOWN"),
        NcrError.NameInvalid => (StatusCodes.Status400BadRequest, "NAME_INVALID"),
        NcrError.TagInvalid => (StatusCodes.Status400BadRequest, "TAG_INVALID"),
        NcrError.DigestInvalid => (StatusCodes.Status400BadRequest, "DIGEST_INVALID"),
        NcrError.ManifestUnknown => (StatusCodes.Status404NotFound, "MANIFEST_UNKNOWN"),
        NcrError.ManifestInvalid => (StatusCodes.Status400BadRequest, "MANIFEST_INVALID"),
        NcrError.ManifestBlobUnknown => (StatusCodes.Status404NotFound, "MANIFEST_BLOB_UNKNOWN"),
        NcrError.TooLarge => (StatusCodes.Status413PayloadTooLarge, "SIZE_INVALID"),
        NcrError.BlobUnknown => (StatusCodes.Status404NotFound, "BLOB_UNKNOWN"),
        NcrError.UploadUnknown => (StatusCodes.Status404NotFound, "BLOB_UPLOAD_UNKNOWN"),
        NcrError.UploadInvalid => (StatusCodes.Status400BadRequest, "BLOB_UPLOAD_INVALID"),
        NcrError.UploadRangeInvalid => (StatusCodes.Status416RangeNotSatisfiable, "BLOB_UPLOAD_INVALID"),
        NcrError.SizeInvalid => (StatusCodes.Status400BadRequest, "SIZE_INVALID"),
        NcrError.InUse => (StatusCodes.Status405MethodNotAllowed, "DENIED"),
        NcrError.StorageFull => (StatusCodes.Status507InsufficientStorage, "UNAVAILABLE"),
        NcrError.Unavailable => (StatusCodes.Status503ServiceUnavailable, "UNAVAILABLE"),
        NcrError.StorageDamaged => (StatusCodes.Status500InternalServerError, "UNKNOWN"),
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, null),
    };

    public static Task WriteAsync(HttpContext context, NcrException exception)
    {
        var status = Of(exception.Error).Status;
        if (status == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = "GET, HEAD";
        }

        if (exception.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(context, status, [.. exception.Others.Prepend(exception).Select(e => new ErrorBody(Of(e.Error).Code, e.Message, e.Detail))]);
    }

    public static Task WriteAsync(HttpContext context, int status, string code, string message, object? detail = null) =>
        WriteAsync(context, status, [new ErrorBody(code, message, detail)]);

    private static Task WriteAsync(HttpContext context, int status, IReadOnlyList<ErrorBody> errors)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new ErrorsBody(errors), Json);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        response.Headers[RequestId.Header] = RequestId.Of(context);
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private sealed record ErrorsBody(IReadOnlyList<ErrorBody> Errors);

    private sealed record ErrorBody(string Code, string Message, object? Detail);
}
