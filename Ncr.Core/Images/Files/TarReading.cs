using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Ncr.Core.Images.Files;

/// <summary>
/// Reads a tar archive from its start to its end: ustar, pax and GNU headers. Not by System.Formats.Tar, because that takes the memory that a
/// header asks for (up to 2 GiB for a name) and gives up on archives with one odd entry; here every length has a limit.
/// </summary>
internal sealed class TarReading(Stream stream, FileLimits limits)
{
    private const int Block = 512;

    /// <summary>Bytes of an entry that only describes the next one.</summary>
    private const int MaxDescription = 1 << 20;

    private const string SparseName = "GNU.sparse.name";

    private const string Sparse = "GNU.sparse";

    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _end;
    private long _left;
    private int _padding;
    private long _taken;

    /// <summary>Entries read so far.</summary>
    public int Count { get; private set; }

    /// <summary>The next file; null at the end.</summary>
    /// <exception cref="LayerFaultException">It is no archive, is damaged, or goes beyond a limit.</exception>
    public async ValueTask<TarItem?> ReadNextAsync(CancellationToken cancellationToken)
    {
        var pax = new Dictionary<string, string>();
        string? longName = null;
        string? longTarget = null;
        while (true)
        {
            await SkipAsync(cancellationToken);
            var header = await ReadBlockAsync(cancellationToken);
            if (header.IsEmpty || header.Span.IndexOfAnyExcept((byte)0) < 0)
            {
                return Count == 0 && header.IsEmpty && _taken > 0 ? throw NoArchive() : null;
            }

            if (!HasRightSum(header.Span))
            {
                throw Count == 0 ? NoArchive() : Damaged();
            }

            var type = (char)header.Span[156];
            var size = pax.TryGetValue("size", out var text) && type is not ('x' or 'g' or 'L' or 'K') && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var stated)
                ? stated
                : Number(header.Span[124..136]);
            if (size < 0)
            {
                throw Damaged();
            }

            switch (type)
            {
                case 'x':
                    ReadPax((await ReadDescriptionAsync(size, cancellationToken)).Span, pax);
                    continue;
                case 'L':
                    longName = Text((await ReadDescriptionAsync(size, cancellationToken)).Span);
                    continue;
                case 'K':
                    longTarget = Text((await ReadDescriptionAsync(size, cancellationToken)).Span);
                    continue;
                case 'g' or 'V': // For all that follow, or a label: nothing that is shown.
                    Begin(size);
                    continue;
                default:
                    Count++;
                    var item = Describe(header.Span, type, size, pax, longName, longTarget);
                    for (var more = type == 'S' && header.Span[482] != 0; more; more = !header.IsEmpty && header.Span[504] != 0)
                    {
                        header = await ReadBlockAsync(cancellationToken); // GNU's list of holes goes on before the content.
                    }

                    return item;
            }
        }
    }

    /// <summary>Reads on in the content of the entry that was read last; 0 at its end.</summary>
    public async ValueTask<int> ReadContentAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        if (_left == 0)
        {
            return 0;
        }

        if (_start == _end && !await FillAsync(cancellationToken))
        {
            throw CutOff();
        }

        var count = (int)Math.Min(Math.Min(target.Length, _end - _start), _left);
        _buffer.AsMemory(_start, count).CopyTo(target);
        _start += count;
        _left -= count;
        return count;
    }

    private TarItem Describe(ReadOnlySpan<byte> header, char type, long size, Dictionary<string, string> pax, string? longName, string? longTarget)
    {
        var isUstar = header[257..262].SequenceEqual("ustar"u8);
        var isGnu = isUstar && header[262] == (byte)' ';
        var name = Text(header[..100]);
        if (isUstar && !isGnu && Text(header[345..500]) is { Length: > 0 } prefix)
        {
            name = $"{prefix}/{name}";
        }

        name = pax.GetValueOrDefault(SparseName) ?? pax.GetValueOrDefault("path") ?? longName ?? name;
        var target = pax.GetValueOrDefault("linkpath") ?? longTarget ?? Text(header[157..257]);
        var kind = type switch
        {
            '0' or '\0' or '7' => name.EndsWith('/') ? FileKind.Folder : FileKind.File,
            '1' => FileKind.HardLink,
            '2' => FileKind.Symlink,
            '3' => FileKind.CharacterDevice,
            '4' => FileKind.BlockDevice,
            '5' => FileKind.Folder,
            '6' => FileKind.Pipe,
            _ => FileKind.Other,
        };
        if (kind == FileKind.File && pax.ContainsKey(Sparse))
        {
            kind = FileKind.Other;
        }

        // What has no content of its own may state a size all the same; nothing follows then.
        Begin(kind is FileKind.File or FileKind.Other || (kind == FileKind.Folder && type != '5') ? size : 0);
        var user = Id(pax, "uid", header[108..116]);
        var group = Id(pax, "gid", header[116..124]);
        return new TarItem(
            name,
            kind,
            kind is FileKind.File or FileKind.Other ? size : 0,
            (int)(Math.Max(0, Number(header[100..108])) & 0xfff),
            Owner(user, pax.GetValueOrDefault("uname") ?? (isUstar ? Text(header[265..297]) : "")) + ":" + Owner(group, pax.GetValueOrDefault("gname") ?? (isUstar ? Text(header[297..329]) : "")),
            Time(pax, header[136..148]),
            kind is FileKind.Symlink or FileKind.HardLink ? target : null);
    }

    private static string Owner(long id, string name) => name.Length is > 0 and <= 64 ? name : id.ToString(CultureInfo.InvariantCulture);

    private static long Id(Dictionary<string, string> pax, string key, ReadOnlySpan<byte> field) =>
        pax.TryGetValue(key, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : Math.Max(0, Number(field));

    private static long Time(Dictionary<string, string> pax, ReadOnlySpan<byte> field) =>
        pax.TryGetValue("mtime", out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? (long)Math.Clamp(value, long.MinValue / 2, long.MaxValue / 2)
            : Number(field);

    private void ReadPax(ReadOnlySpan<byte> records, Dictionary<string, string> pax)
    {
        // Each is "length key=value\n", the length counting itself.
        while (!records.IsEmpty)
        {
            var space = records.IndexOf((byte)' ');
            if (space <= 0 || space > 10 || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length <= space + 1 || length > records.Length)
            {
                return;
            }

            var record = records[(space + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals > 0)
            {
                var key = Encoding.UTF8.GetString(record[..equals]);
                if (key is "path" or "linkpath" && record.Length - equals - 1 > limits.MaxPathLength)
                {
                    throw TooLong();
                }

                if (key is "path" or "linkpath" or "size" or "uid" or "gid" or "uname" or "gname" or "mtime" or SparseName)
                {
                    pax[key] = Text(record[(equals + 1)..]);
                }

                if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
                {
                    pax[Sparse] = "";
                }
            }

            records = records[length..];
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadDescriptionAsync(long size, CancellationToken cancellationToken)
    {
        if (size > MaxDescription)
        {
            throw TooLong();
        }

        Begin(size);
        var bytes = new byte[size];
        var length = 0;
        while (length < bytes.Length)
        {
            length += await ReadContentAsync(bytes.AsMemory(length), cancellationToken);
        }

        return bytes;
    }

    private void Begin(long size)
    {
        _left = size;
        _padding = (int)((Block - (size % Block)) % Block);
    }

    private async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        while (_left > 0)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                throw CutOff();
            }

            var count = (int)Math.Min(_end - _start, _left);
            _start += count;
            _left -= count;
        }

        while (_padding > 0)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                _padding = 0; // Some end without filling their last block.
                return;
            }

            var count = Math.Min(_end - _start, _padding);
            _start += count;
            _padding -= count;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadBlockAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < Block)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (!await FillAsync(cancellationToken))
            {
                return _start == _end ? default : throw (Count == 0 ? NoArchive() : CutOff());
            }
        }

        _start += Block;
        return _buffer.AsMemory(_start - Block, Block);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _taken += read;
        return _taken > limits.MaxBytes
            ? throw new LayerFaultException($"It unpacks to more than {Size(limits.MaxBytes)}, so reading stopped there.")
            : read > 0;
    }

    private static bool HasRightSum(ReadOnlySpan<byte> header)
    {
        long plain = 0;
        long signed = 0;
        for (var i = 0; i < Block; i++)
        {
            var value = i is >= 148 and < 156 ? (byte)' ' : header[i];
            plain += value;
            signed += (sbyte)value;
        }

        var stated = Number(header[148..156]);
        return stated == plain || stated == signed;
    }

    /// <summary>Octal digits, or bytes when the first bit is set; -1 for what is neither.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            // GNU's form for large numbers: big-endian. What does not fit 63 bits is no size that anybody has.
            Span<byte> bytes = stackalloc byte[16];
            bytes.Clear();
            field.CopyTo(bytes[(16 - field.Length)..]);
            bytes[16 - field.Length] &= 0x7f;
            var high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            var low = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
            return high == 0 && low >= 0 ? low : -1;
        }

        var digits = field.Trim([(byte)' ', (byte)0]);
        long value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }

            value = (value << 3) | (long)(digit - (byte)'0');
        }

        return value;
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        var text = end < 0 ? bytes : bytes[..end];
        return text.Length > limits.MaxPathLength ? throw TooLong() : Encoding.UTF8.GetString(text);
    }

    internal static string Size(long bytes) => bytes >= 1L << 30 ? $"{bytes >> 30} GiB" : bytes >= 1 << 20 ? $"{bytes >> 20} MiB" : $"{bytes} bytes";

    private LayerFaultException TooLong() => new($"It holds a path longer than {limits.MaxPathLength} bytes, so reading stopped there.");

    private static LayerFaultException NoArchive() => new("It is no tar archive, so there are no files to list.");

    private static LayerFaultException Damaged() => new("It is damaged as a tar archive; what could be read until there is listed.");

    private static LayerFaultException CutOff() => new("It ends in the middle of a file; what could be read until there is listed.");
}
