using Ncr.Core.Blobs;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Core.Images.Files;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Downloads;

/// <summary>What the artifact's page gives to keep. For signed-in people, who can do no more here than Core allows them.</summary>
internal static class DownloadEndpoints
{
    private const string Route = "/registries/{registry}/downloads/{digest}/";

    public static void MapDownloadEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup(Route).RequireAuthorization().AddEndpointFilter(SayWhyNotAsync);
        group.MapGet("manifest/{**image}", SendManifestAsync);
        group.MapGet("config/{**image}", SendConfigAsync);
        group.MapGet("layer/{**image}", SendLayerAsync);
        group.MapGet("file/{**image}", SendFileAsync);
    }

    private static async Task<IResult> SendManifestAsync(HttpContext context, string registry, string digest, string image, DocumentService documents, CancellationToken cancellationToken)
    {
        var (name, artifact) = Parse(registry, image, digest);
        var manifest = await documents.FindManifestAsync(ConsoleSession.ActorOf(context), name, artifact, cancellationToken) ?? throw Missing();
        return new AttachmentResult($"{LastPart(name)}-{artifact.Hex[..12]}-manifest.json", manifest.Length, (take, token) => take(manifest, token).AsTask());
    }

    private static async Task<IResult> SendConfigAsync(HttpContext context, string registry, string digest, string image, DocumentService documents, CancellationToken cancellationToken)
    {
        var (name, artifact) = Parse(registry, image, digest);
        var config = await documents.OpenConfigAsync(ConsoleSession.ActorOf(context), name, artifact, cancellationToken) ?? throw Missing();
        return Attach(config, $"{LastPart(name)}-{artifact.Hex[..12]}-config.json");
    }

    /// <summary>By <c>?layer=</c>, its place in the manifest, or by <c>?title=</c>.</summary>
    private static async Task<IResult> SendLayerAsync(
        HttpContext context, string registry, string digest, string image, int? layer, string? title, DocumentService documents, CancellationToken cancellationToken)
    {
        var (name, artifact) = Parse(registry, image, digest);
        var actor = ConsoleSession.ActorOf(context);
        var found = title is not null ? await documents.OpenTitledAsync(actor, name, artifact, title, cancellationToken)
            : layer is { } number ? await documents.OpenLayerAsync(actor, name, artifact, number, cancellationToken)
            : null;
        return found is null ? throw Missing() : Attach(found, found.Title ?? $"{LastPart(name)}-{found.Digest.Hex[..12]}");
    }

    private static async Task<IResult> SendFileAsync(HttpContext context, string registry, string digest, string image, int? layer, int? entry, FileService files, CancellationToken cancellationToken)
    {
        var (name, artifact) = Parse(registry, image, digest);
        var file = await files.OpenFileAsync(ConsoleSession.ActorOf(context), name, artifact, layer ?? -1, entry ?? -1, cancellationToken);
        return new AttachmentResult(file.Name, file.Size, file.SendAsync);
    }

    private static AttachmentResult Attach(BlobDownload blob, string name) => new(name, blob.Content.Length, (take, token) => SendAsync(blob.Content, take, token), blob);

    private static async Task SendAsync(IBlobContent content, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        var buffer = new byte[128 * 1024];
        long offset = 0;
        int read;
        while ((read = await content.ReadAsync(buffer, offset, cancellationToken)) > 0)
        {
            await take(buffer.AsMemory(0, read), cancellationToken);
            offset += read;
        }
    }

    private static (ImageName Image, Digest Artifact) Parse(string registry, string image, string digest) =>
        ImageName.TryParse($"{registry}/{image}", out var name) && Digest.TryParse(digest, out var artifact) ? (name, artifact) : throw Missing();

    private static string LastPart(ImageName name) => name.Image[(name.Image.LastIndexOf('/') + 1)..];

    private static NcrException Missing() => new(NcrError.NotFound, "There is no such file. It was deleted, or the address is mistyped.");

    internal static async ValueTask<object?> SayWhyNotAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            return Explain(refusal);
        }
    }

    public static IResult Explain(NcrException refusal) => TypedResults.Text(refusal.Message, "text/plain", statusCode: StatusOf(refusal.Error));

    private static int StatusOf(NcrError error) => error switch
    {
        NcrError.Unauthenticated => StatusCodes.Status401Unauthorized,
        NcrError.Denied => StatusCodes.Status403Forbidden,
        NcrError.Invalid => StatusCodes.Status400BadRequest,
        NcrError.TooLarge => StatusCodes.Status413PayloadTooLarge,
        NcrError.Unavailable or NcrError.StorageFull => StatusCodes.Status503ServiceUnavailable,
        NcrError.StorageDamaged => StatusCodes.Status500InternalServerError,
        _ => StatusCodes.Status404NotFound,
    };
}
