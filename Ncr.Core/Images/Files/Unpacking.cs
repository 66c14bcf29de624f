using System.IO.Compression;
using ZstdSharp;

namespace Ncr.Core.Images.Files;

/// <summary>Undoes a layer's compression. The bytes say what it is; media types are not always true.</summary>
internal static class Unpacking
{
    /// <summary>The stream may throw what <see cref="IsDamage"/> knows.</summary>
    public static async Task<Stream> OpenAsync(BlobStream blob, CancellationToken cancellationToken)
    {
        var start = await blob.PeekAsync(cancellationToken);
        return start.Span switch
        {
            [0x1f, 0x8b, ..] => new GZipStream(blob, CompressionMode.Decompress),
            // Its window is memory: beyond 128 MiB, which is its own limit, a layer is refused.
            [0x28, 0xb5, 0x2f, 0xfd, ..] => new DecompressionStream(blob),
            // A frame to be skipped, with which some tools begin: 184D2A50 to 184D2A5F.
            [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..] => new DecompressionStream(blob),
            _ => blob,
        };
    }

    public static bool IsDamage(Exception exception) => exception is InvalidDataException or EndOfStreamException or ZstdException;
}
