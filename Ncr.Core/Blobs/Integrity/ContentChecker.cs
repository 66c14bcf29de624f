using System.Buffers;
using System.Security.Cryptography;

namespace Ncr.Core.Blobs.Integrity;

/// <summary>Compares stored content with what is known of it. It only reads, and works on any store: the server's own, or a backup's.</summary>
/// <param name="open">Opens content by its location; null when there is none.</param>
internal sealed class ContentChecker(Func<string, CancellationToken, Task<IBlobContent?>> open)
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>Presence and length only; reads nothing.</summary>
    public Task<ContentReport> CheckLengthAsync(string location, long size, CancellationToken cancellationToken) =>
        CheckAsync(location, size, digest: null, read: null, cancellationToken);

    /// <summary>Reads all of it.</summary>
    /// <param name="read">Told after each piece how many bytes it had, to pace or to count; may be null.</param>
    public Task<ContentReport> CheckAsync(string location, Digest digest, long size, Func<int, CancellationToken, ValueTask>? read, CancellationToken cancellationToken) =>
        CheckAsync(location, size, digest, read, cancellationToken);

    private async Task<ContentReport> CheckAsync(string location, long size, Digest? digest, Func<int, CancellationToken, ValueTask>? read, CancellationToken cancellationToken)
    {
        var total = 0L;
        try
        {
            await using var content = await open(location, cancellationToken);
            if (content is null)
            {
                return new ContentReport(ContentState.Missing, "It is missing.", 0);
            }

            if (content.Length != size)
            {
                return new ContentReport(ContentState.WrongLength, $"It has {content.Length} bytes instead of {size}.", 0);
            }

            if (digest is not { } expected)
            {
                return new ContentReport(ContentState.Whole, "", 0);
            }

            using var hash = IncrementalHash.CreateHash(expected.Algorithm);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                for (int count; (count = await content.ReadAsync(buffer.AsMemory(0, BufferSize), total, cancellationToken)) > 0;)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    hash.AppendData(buffer, 0, count);
                    total += count;
                    if (read is not null)
                    {
                        await read(count, cancellationToken);
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            var actual = Digest.OfHash(expected.Algorithm, hash.GetHashAndReset());
            return total != size ? new ContentReport(ContentState.WrongLength, $"{total} bytes can be read instead of {size}.", total)
                : actual == expected ? new ContentReport(ContentState.Whole, "", total)
                : new ContentReport(ContentState.WrongDigest, $"Its bytes have changed: they have the digest {actual}.", total);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ContentReport(ContentState.Unreadable, $"It can't be read: {exception.Message}", total);
        }
    }
}
