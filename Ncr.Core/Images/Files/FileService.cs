using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Errors;

namespace Ncr.Core.Images.Files;

/// <summary>The files in an artifact's layers. Layers are read as streams and nothing of them is ever written to disk.</summary>
public sealed class FileService
{
    /// <summary>Rows given at once.</summary>
    public const int MaxRows = 500;

    private const int MaxHops = 8;

    private readonly AccessService _access;
    private readonly ManifestService _manifests;
    private readonly BlobService _blobs;
    private readonly LayerCache _cache;
    private readonly LayerReader _reader;
    private readonly FileLimits _limits;

    internal FileService(AccessService access, ManifestService manifests, BlobService blobs, LayerCache cache, LayerReader reader, FileLimits limits)
    {
        _access = access;
        _manifests = manifests;
        _blobs = blobs;
        _cache = cache;
        _reader = reader;
        _limits = limits;
    }

    public FileLimits Limits => _limits;

    /// <summary>What is in a folder. The first time, layers are read, which may take minutes.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="source">What to look into.</param>
    /// <param name="folder">The folder's number; 0 for the root.</param>
    /// <param name="take">Rows wanted, at most <see cref="MaxRows"/> more than <paramref name="skip"/>.</param>
    /// <param name="skip">Rows that are known.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<FileFolder> ListAsync(Actor actor, FileSource source, int folder, int skip, int take, IProgress<FileProgress>? progress, CancellationToken cancellationToken)
    {
        var tree = await OpenAsync(actor, source, progress, cancellationToken);
        if (folder < 0 || folder >= tree.Nodes.Length)
        {
            throw new NcrException(NcrError.NotFound, "There is no such folder.");
        }

        var children = tree.Children(folder);
        var rows = new List<FileRow>();
        foreach (var child in children.Slice(Math.Clamp(skip, 0, children.Length), Math.Clamp(take, 0, Math.Min(MaxRows, children.Length - Math.Clamp(skip, 0, children.Length)))))
        {
            rows.Add(RowOf(tree, child, source));
        }

        return new FileFolder(rows, children.Length, SummaryOf(tree, source));
    }

    /// <summary>The file or folder at a path; null when there is none.</summary>
    public async Task<FileRow?> FindAsync(Actor actor, FileSource source, string path, CancellationToken cancellationToken)
    {
        var tree = await OpenAsync(actor, source, null, cancellationToken);
        return tree.Find(path) is { } node ? RowOf(tree, node, source) : null;
    }

    /// <summary>Files whose name has the text, in any case; with a slash in it, whose path has it.</summary>
    public async Task<FileFolder> SearchAsync(Actor actor, FileSource source, string text, CancellationToken cancellationToken)
    {
        var tree = await OpenAsync(actor, source, null, cancellationToken);
        var byPath = text.Contains('/', StringComparison.Ordinal);
        var wanted = byPath ? text.TrimStart('/') : text;
        var found = await Task.Run(() => Search(tree, wanted, byPath, cancellationToken), cancellationToken);
        return new FileFolder([.. found.Take(MaxRows).Select(n => RowOf(tree, n, source))], found.Count, SummaryOf(tree, source));
    }

    /// <summary>A look into a file.</summary>
    /// <exception cref="NcrException">It can't be read; the message says why.</exception>
    public async Task<FilePreview> PreviewAsync(Actor actor, ImageName image, Digest artifact, int layer, int entry, CancellationToken cancellationToken)
    {
        var file = await FindEntryAsync(actor, image, artifact, layer, entry, cancellationToken);
        var bytes = new MemoryStream();
        await ReadAsync(
            file,
            Math.Min(file.Size, _limits.MaxShown),
            isSending: false,
            (piece, token) => bytes.WriteAsync(piece, token),
            cancellationToken);
        var isCut = file.Size > bytes.Length;
        return new FilePreview(Utf8Text.Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), isCut), file.Size, isCut);
    }

    /// <summary>A file of a layer, to be sent.</summary>
    /// <exception cref="NcrException">There is none, or it is too large.</exception>
    public async Task<FileDownload> OpenFileAsync(Actor actor, ImageName image, Digest artifact, int layer, int entry, CancellationToken cancellationToken)
    {
        var file = await FindEntryAsync(actor, image, artifact, layer, entry, cancellationToken);
        return file.Size > _limits.MaxDownload
            ? throw new NcrException(NcrError.TooLarge, $"The file has {file.Size:N0} bytes; at most {TarReading.Size(_limits.MaxDownload)} can be downloaded by itself. Pull the image instead.")
            : new FileDownload(file.Name, file.Size, (take, token) => ReadAsync(file, file.Size, isSending: true, take, token));
    }

    private static List<int> Search(FileTree tree, string text, bool byPath, CancellationToken cancellationToken)
    {
        var found = new List<int>();
        for (var i = 1; i < tree.Nodes.Length && found.Count <= MaxRows; i++)
        {
            if (i % 4096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if ((byPath ? tree.Path(i) : tree.Name(i)).Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                found.Add(i);
            }
        }

        return found;
    }

    private static FileRow RowOf(FileTree tree, int number, FileSource source)
    {
        var node = tree.Nodes[number];
        var time = node.Modified is > 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(node.Modified).UtcDateTime : (DateTime?)null;
        return new FileRow(
            number, tree.Name(number), tree.Path(number), node.Kind, node.Size, node.Mode, tree.Owners[node.Owner], time, tree.Target(number), source.Layer ?? node.Layer, node.Entry, node.ChildCount);
    }

    private static FileSummary SummaryOf(FileTree tree, FileSource source) =>
        new(tree.FileCount, tree.FolderCount, tree.TotalSize, source.Layer is { } layer ? [.. tree.Faults.Select(f => f with { Layer = layer })] : tree.Faults);

    private async Task<FileTree> OpenAsync(Actor actor, FileSource source, IProgress<FileProgress>? progress, CancellationToken cancellationToken)
    {
        var layers = await GetLayersAsync(actor, source.Image, source.Artifact, cancellationToken);
        if (source.Layer is { } number)
        {
            RequireLayer(layers, number);
            return (await OpenLayerAsync(actor, source.Image, layers, number, progress, cancellationToken)).Tree;
        }

        // A manifest may name layers that are not linked to its image (foreign ones): another image's list must not answer for them (rule C3).
        var parts = new StringBuilder();
        foreach (var layer in layers)
        {
            parts.Append(await _blobs.FindAsync(actor, source.Image, layer.Digest, cancellationToken) is null ? $"not {layer.MediaType}" : layer.Digest.ToString()).Append('\n');
        }

        var key = "image " + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToString())));
        if (_cache.Find(key) is { } known)
        {
            return known;
        }

        var trees = new List<FileTree>();
        var isFinal = true;
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = await OpenLayerAsync(actor, source.Image, layers, i, progress, cancellationToken);
            isFinal &= layer.IsFinal;
            trees.Add(layer.Tree);
        }

        var image = await Task.Run(() => Merge(trees), cancellationToken);
        if (isFinal)
        {
            _cache.Set(key, image);
        }

        return image;
    }

    private FileTree Merge(List<FileTree> layers)
    {
        var builder = new FileTreeBuilder(_limits);
        for (var i = 0; i < layers.Count; i++)
        {
            foreach (var fault in layers[i].Faults)
            {
                builder.AddFault(fault with { Layer = i });
            }
        }

        try
        {
            for (var i = 0; i < layers.Count; i++)
            {
                builder.Apply(layers[i], (short)i);
            }
        }
        catch (LayerFaultException fault)
        {
            builder.AddFault(new LayerFault(-1, fault.Message + " Look at its layers one by one."));
        }

        return builder.Build();
    }

    /// <returns>The layer's list, and whether another try would give the same.</returns>
    private async Task<(FileTree Tree, bool IsFinal)> OpenLayerAsync(Actor actor, ImageName image, IReadOnlyList<Descriptor> layers, int number, IProgress<FileProgress>? progress, CancellationToken cancellationToken)
    {
        var layer = layers[number];
        if (await _blobs.FindAsync(actor, image, layer.Digest, cancellationToken) is not { } blob)
        {
            return (Faulty(MediaTypes.IsNonDistributable(layer.MediaType) ? "It may not be distributed and is not stored here." : "It is not stored here, or its content is damaged."), true);
        }

        var key = layer.Digest.ToString();
        if (_cache.Find(key) is { } known)
        {
            return (known, true);
        }

        progress?.Report(new FileProgress(number + 1, layers.Count, 0, blob.Size, 0, IsWaiting: true));
        using var turn = await _reader.EnterAsync(isSending: false, cancellationToken);
        if (_cache.Find(key) is { } meanwhile)
        {
            return (meanwhile, true);
        }

        await using var content = await _blobs.OpenAsync(blob, cancellationToken);
        progress?.Report(new FileProgress(number + 1, layers.Count, 0, blob.Size, 0));
        Action<long, int>? report = progress is null ? null : (read, entries) => progress.Report(new FileProgress(number + 1, layers.Count, read, blob.Size, entries));

        // On a thread of the pool: a page's own would do nothing else meanwhile.
        var (tree, isFinal) = await Task.Run(() => _reader.ListAsync(content, report, cancellationToken), cancellationToken);
        if (isFinal)
        {
            _cache.Set(key, tree);
        }

        return (tree, isFinal);
    }

    private FileTree Faulty(string message)
    {
        var builder = new FileTreeBuilder(_limits);
        builder.AddFault(new LayerFault(0, message));
        return builder.Build();
    }

    private async Task<Entry> FindEntryAsync(Actor actor, ImageName image, Digest artifact, int layer, int entry, CancellationToken cancellationToken)
    {
        var layers = await GetLayersAsync(actor, image, artifact, cancellationToken);
        RequireLayer(layers, layer);
        var (tree, _) = await OpenLayerAsync(actor, image, layers, layer, null, cancellationToken);
        var node = entry < 0 ? -1 : Array.FindIndex(tree.Nodes, n => n.Entry == entry);
        var name = node < 0 ? "" : tree.Name(node);
        for (var hops = 0; node >= 0 && tree.Nodes[node].Kind == FileKind.HardLink && hops < MaxHops; hops++)
        {
            node = tree.Find(tree.Target(node)!) ?? -1;
        }

        if (node < 0 || tree.Nodes[node].Kind != FileKind.File)
        {
            throw new NcrException(NcrError.NotFound, node < 0 ? "The layer has no such file." : $"'{name}' is no plain file, so it has no content to show.");
        }

        var blob = await _blobs.FindAsync(actor, image, layers[layer].Digest, cancellationToken) ?? throw new NcrException(NcrError.BlobUnknown, "The layer is not there any more.");
        return new Entry(blob, tree.Nodes[node].Entry, name, tree.Nodes[node].Size);
    }

    private async Task ReadAsync(Entry file, long most, bool isSending, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        using var turn = await _reader.EnterAsync(isSending, cancellationToken);
        await using var content = await _blobs.OpenAsync(file.Blob, cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_limits.MaxTime);
        try
        {
            await Task.Run(() => _reader.ReadAsync(content, file.Number, most, take, patience.Token), patience.Token);
        }
        catch (LayerFaultException fault)
        {
            throw new NcrException(NcrError.BlobUnknown, fault.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NcrException(NcrError.Unavailable, string.Create(CultureInfo.InvariantCulture, $"Reading the layer took longer than {_limits.MaxTime.TotalMinutes:0} minutes and was ended."));
        }
    }

    private async Task<IReadOnlyList<Descriptor>> GetLayersAsync(Actor actor, ImageName image, Digest artifact, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PullImage, image.Registry, cancellationToken);
        var manifest = await _manifests.FindAsync(actor, image, Reference.To(artifact), cancellationToken);
        var payload = manifest is null ? null : await _manifests.FindPayloadAsync(actor, image, artifact, cancellationToken);
        return manifest is null || payload is null
            ? throw new NcrException(NcrError.ManifestUnknown, $"The image {image} has no artifact {artifact}.")
            : ManifestDocument.Parse(payload, manifest.MediaType).Layers;
    }

    private static void RequireLayer(IReadOnlyList<Descriptor> layers, int layer)
    {
        if (layer < 0 || layer >= layers.Count)
        {
            throw new NcrException(NcrError.NotFound, "The artifact has no such layer.");
        }
    }

    private sealed record Entry(BlobRef Blob, int Number, string Name, long Size);
}
