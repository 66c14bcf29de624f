using System.Globalization;
using Ncr.Core.Audit;
using Ncr.Core.Errors;
using Ncr.Web.Account;
using Ncr.Web.Components.Pages.Audit;

namespace Ncr.Web.Downloads;

/// <summary>What the audit's page shows, whole, as a file: rows are sent as they are read, however many there are.</summary>
internal static class AuditExportEndpoint
{
    public static void MapAuditExport(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(ConsoleUrls.AuditExportPath + "/{format}", Send).RequireAuthorization().AddEndpointFilter(DownloadEndpoints.SayWhyNotAsync);

    private static AttachmentResult Send(HttpContext context, string format, AuditService audit, TimeProvider clock)
    {
        IAuditFormat writer = format switch
        {
            "csv" => new CsvFormat(),
            "jsonl" => new JsonLinesFormat(),
            _ => throw new NcrException(NcrError.NotFound, "The audit can be exported as csv or as jsonl."),
        };
        var filter = AuditQuery.TryParse(context.Request.QueryString.Value ?? "")
            ?? throw new NcrException(NcrError.Invalid, "The address narrows the audit to a kind or a time that there is not.");
        var rows = audit.ReadAllAsync(ConsoleSession.ActorOf(context), filter, context.RequestAborted);
        var name = $"audit-{clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.{format}";
        return new AttachmentResult(name, null, (take, token) => SendAsync(rows, writer, take, token));
    }

    private static async Task SendAsync(IAsyncEnumerable<AuditRow> rows, IAuditFormat format, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        const int PieceSize = 64 * 1024;
        var piece = new System.Buffers.ArrayBufferWriter<byte>(PieceSize + 8192);
        format.Begin(piece);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            format.Write(piece, row);
            if (piece.WrittenCount >= PieceSize)
            {
                await take(piece.WrittenMemory, cancellationToken);
                piece.ResetWrittenCount();
            }
        }

        await take(piece.WrittenMemory, cancellationToken);
    }
}
