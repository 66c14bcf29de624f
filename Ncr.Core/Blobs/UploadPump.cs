using System.Buffers;

namespace Ncr.Core.Blobs;

/// <summary>Streams a body into an upload: while one buffer is hashed and written, the next one is read.</summary>
internal static class UploadPump
{
    private const int BufferSize = 1 << 20;
    private const int SmallBufferSize = 1 << 16;

    /// <param name="expected">Bytes announced, to choose the buffer; null when unknown.</param>
    public static async Task CopyAsync(Stream body, long? expected, IUploadWriter writer, UploadSession session, CancellationToken cancellationToken)
    {
        var size = expected <= SmallBufferSize ? SmallBufferSize : BufferSize;
        var current = ArrayPool<byte>.Shared.Rent(size);
        var next = size == BufferSize ? ArrayPool<byte>.Shared.Rent(size) : current;
        var storing = Task.CompletedTask;
        try
        {
            while (true)
            {
                if (ReferenceEquals(current, next))
                {
                    await storing;
                }

                var read = await body.ReadAtLeastAsync(current.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken);
                await storing;
                if (read == 0)
                {
                    return;
                }

                var bytes = current.AsMemory(0, read);
                storing = read < size
                    ? StoreAsync(writer, session, bytes, cancellationToken)
                    : Task.Run(() => StoreAsync(writer, session, bytes, cancellationToken), CancellationToken.None);
                if (read < size)
                {
                    await storing;
                    return;
                }

                (current, next) = (next, current);
            }
        }
        finally
        {
            await storing.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            ArrayPool<byte>.Shared.Return(current);
            if (!ReferenceEquals(current, next))
            {
                ArrayPool<byte>.Shared.Return(next);
            }
        }
    }

    private static async Task StoreAsync(IUploadWriter writer, UploadSession session, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(bytes, cancellationToken);
            session.Hash!.AppendData(bytes.Span);
            session.Offset += bytes.Length;
        }
        catch
        {
            session.Hash = null; // The store may have taken a part of the buffer: what it has decides where the upload goes on.
            throw;
        }
    }
}
