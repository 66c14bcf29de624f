using System.Buffers;
using System.Text.Unicode;

namespace Ncr.Core.Images.Files;

internal static class Utf8Text
{
    /// <summary>A text in UTF-8; null for anything else.</summary>
    /// <param name="bytes">The content, or its start.</param>
    /// <param name="isCut">Whether it may end in the middle of a character.</param>
    public static string? Read(ReadOnlySpan<byte> bytes, bool isCut)
    {
        if (bytes.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
        }

        if (bytes.Contains((byte)0))
        {
            return null;
        }

        var chars = new char[bytes.Length];
        var status = Utf8.ToUtf16(bytes, chars, out _, out var written, replaceInvalidSequences: false, isFinalBlock: !isCut);
        return status is OperationStatus.Done or OperationStatus.NeedMoreData ? new string(chars, 0, written) : null;
    }
}
