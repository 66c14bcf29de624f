using System.Buffers;
using Ncr.Core.Errors;

namespace Ncr.Core.Blobs;

/// <summary>Streams a body into an upload: while one buffer is hashed and written, the next one is read.</summary>
internal static class UploadPump
{
    private const int BufferSize = 1 << 20;
    private const int SmallBufferSize = 1 << 16;

    /// <summary>A client whose machine vanished would else hold its session for ever: the connection does not tell.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(5);

    /// <param name="expected">Bytes announced, to choose the buffer; null when unknown.</param>
    public static async Task CopyAsync(Stream body, long? expected, IUploadWriter writer, UploadSession session, CancellationToken cancellationToken)
    {
        var size = expected <= SmallBufferSize ? SmallBufferSize : BufferSize;
        var current = ArrayPool<byte>.Shared.Rent(size);
        var next = size == BufferSize ? ArrayPool<byte>.Shared.Rent(size) : current;
        var storing = Task.CompletedTask;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                patience.CancelAfter(IdleLimit);
                if (ReferenceEquals(current, next))
                {
                    await storing;
                }

                var read = await ReadAsync(body, current.AsMemory(0, size), patience);
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
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new NcrException(NcrError.UploadInvalid, $"Nothing came for {IdleLimit.TotalMinutes:0} minutes. What arrived is kept: ask where the upload stands and go on from there.");
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

    /// <summary>Fills the buffer, or what is left of the body. Each part that comes renews the patience.</summary>
    private static async Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationTokenSource patience)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = await body.ReadAsync(buffer[filled..], patience.Token);
            if (read == 0)
            {
                break;
            }

            filled += read;
            patience.CancelAfter(IdleLimit);
        }

        return filled;
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
