using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Ncr.Tests.Support;

/// <summary>Layers of real files, made by the framework's own tar writer.</summary>
public sealed class LayerBuilder(TarEntryFormat format = TarEntryFormat.Pax)
{
    private readonly List<TarEntry> _entries = [];

    public LayerBuilder File(string path, string content = "", UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead) =>
        File(path, Encoding.UTF8.GetBytes(content), mode);

    public LayerBuilder File(string path, byte[] content, UnixFileMode mode = UnixFileMode.UserRead)
    {
        var entry = New(format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, path);
        entry.DataStream = new MemoryStream(content);
        entry.Mode = mode;
        return Add(entry);
    }

    public LayerBuilder Folder(string path) => Add(New(TarEntryType.Directory, path));

    public LayerBuilder Symlink(string path, string target) => Link(TarEntryType.SymbolicLink, path, target);

    public LayerBuilder HardLink(string path, string target) => Link(TarEntryType.HardLink, path, target);

    public byte[] Tar()
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, format, leaveOpen: true))
        {
            _entries.ForEach(writer.WriteEntry);
        }

        return bytes.ToArray();
    }

    public byte[] Gzip() => Gzip(Tar());

    public byte[] Zstd()
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(Tar()).ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return result.ToArray();
    }

    private LayerBuilder Link(TarEntryType type, string path, string target)
    {
        var entry = New(type, path);
        entry.LinkName = target;
        return Add(entry);
    }

    private LayerBuilder Add(TarEntry entry)
    {
        entry.ModificationTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        _entries.Add(entry);
        return this;
    }

    private TarEntry New(TarEntryType type, string path) => format switch
    {
        TarEntryFormat.Gnu => new GnuTarEntry(type, path),
        TarEntryFormat.Ustar => new UstarTarEntry(type, path),
        TarEntryFormat.V7 => new V7TarEntry(type, path),
        _ => new PaxTarEntry(type, path),
    };
}
