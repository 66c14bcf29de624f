using Ncr.Core.Access;
using Ncr.Core.Images;
using Ncr.Core.Images.Files;
using BlobDigest = Ncr.Core.Blobs.Digest;

namespace Ncr.Web.Components.Pages.Images.Charts;

/// <summary>What is read out of a chart's archive.</summary>
/// <param name="Templates">Its templates by path.</param>
/// <param name="Faults">What could not be read.</param>
internal sealed record ChartDetails(string? Values, string? Readme, IReadOnlyList<FileRow> Templates, IReadOnlyList<LayerFault> Faults)
{
    /// <summary>All is in one folder of the chart's name; charts within it have their own files of the same names.</summary>
    public static async Task<ChartDetails> ReadAsync(FileService files, Actor actor, ImageName image, BlobDigest artifact, int layer, CancellationToken cancellationToken)
    {
        var source = new FileSource(image, artifact, layer);
        var root = await files.ListAsync(actor, source, 0, 0, FileService.MaxRows, null, cancellationToken);
        if (root.Rows.FirstOrDefault(r => r.Kind == FileKind.Folder) is not { } folder)
        {
            return new ChartDetails(null, null, [], root.Summary.Faults);
        }

        var rows = (await files.ListAsync(actor, source, folder.Node, 0, FileService.MaxRows, null, cancellationToken)).Rows;
        var templates = new List<FileRow>();
        if (rows.FirstOrDefault(r => r is { Kind: FileKind.Folder, Name: "templates" }) is { } top)
        {
            await CollectAsync(files, actor, source, top, templates, cancellationToken);
        }

        return new ChartDetails(
            await ReadAsync(files, actor, source, rows.FirstOrDefault(r => r is { Kind: FileKind.File, Name: "values.yaml" }), cancellationToken),
            await ReadAsync(files, actor, source, rows.FirstOrDefault(r => r.Kind == FileKind.File && r.Name.Equals("README.md", StringComparison.OrdinalIgnoreCase)), cancellationToken),
            templates,
            root.Summary.Faults);
    }

    private static async Task CollectAsync(FileService files, Actor actor, FileSource source, FileRow folder, List<FileRow> found, CancellationToken cancellationToken)
    {
        foreach (var row in (await files.ListAsync(actor, source, folder.Node, 0, FileService.MaxRows, null, cancellationToken)).Rows)
        {
            if (found.Count >= FileService.MaxRows)
            {
                return;
            }

            if (row.Kind == FileKind.Folder)
            {
                await CollectAsync(files, actor, source, row, found, cancellationToken);
            }
            else if (row.Kind == FileKind.File)
            {
                found.Add(row);
            }
        }
    }

    private static async Task<string?> ReadAsync(FileService files, Actor actor, FileSource source, FileRow? row, CancellationToken cancellationToken) =>
        row is null ? null : (await files.PreviewAsync(actor, source.Image, source.Artifact, source.Layer!.Value, row.Entry, cancellationToken)).Text;
}
