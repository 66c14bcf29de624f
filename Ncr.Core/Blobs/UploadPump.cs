using System.Buffers;
using Ncr.Core.Errors;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Blobs;

/// <summary>Streams a body into an upload: while one large buffer is hashed and written, the next one is read.</summary>
internal static class UploadPump
{
    private const int SmallSize = 64 * 1024;

    /// <summary>A client whose machine vanished would else hold its session for ever: the connection does not tell.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(5);

    public static async Task CopyAsync(Stream body, IUploadWriter writer, UploadSession session, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // Large buffers are few: they are for who has shown to have more to send.
            while (await CopySmallAsync(body, writer, session, patience, cancellationToken))
            {
                using var first = UploadBuffers.TryRent();
                using var second = UploadBuffers.TryRent();
                if (first is not null && second is not null)
                {
                    await CopyLargeAsync(body, first.Memory, second.Memory, writer, session, patience, cancellationToken);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new NcrException(NcrError.UploadInvalid, $"Nothing came for {IdleLimit.TotalMinutes:0} minutes. What arrived is kept: ask where the upload stands and go on from there.");
        }
    }

    /// <returns>False when the body has ended.</returns>
    private static async Task<bool> CopySmallAsync(Stream body, IUploadWriter writer, UploadSession session, CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SmallSize);
        try
        {
            // After it the upload stands at a whole block, as writes past the page cache need it.
            var part = buffer.AsMemory(0, SmallSize - (int)(session.Offset % DirectFile.BlockSize));
            var read = await ReadAsync(body, part, patience);
            if (read > 0)
            {
                await StoreAsync(writer, session, part[..read], cancellationToken);
            }

            return read == part.Length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task CopyLargeAsync(Stream body, Memory<byte> current, Memory<byte> next, IUploadWriter writer, UploadSession session, CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        var storing = Task.CompletedTask;
        try
        {
            var read = current.Length;
            while (read == current.Length)
            {
                read = await ReadAsync(body, current, patience);
                await storing;
                if (read > 0)
                {
                    var bytes = current[..read];
                    storing = Task.Run(() => StoreAsync(writer, session, bytes, cancellationToken), CancellationToken.None);
                    (current, next) = (next, current);
                }
            }

            await storing;
        }
        finally
        {
            // The buffers go back after this.
            await storing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Fills the buffer, or what is left of the body. Each part that comes renews the patience.</summary>
    private static async Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationTokenSource patience)
    {
        patience.CancelAfter(IdleLimit);
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
            NcrMetrics.Received(bytes.Length);
        }
        catch
        {
            session.Hash = null; // The store may have taken a part of the buffer: what it has decides where the upload goes on.
            throw;
        }
    }
}
