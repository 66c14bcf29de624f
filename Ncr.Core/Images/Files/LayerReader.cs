using Ncr.Core.Blobs;

namespace Ncr.Core.Images.Files;

/// <summary>Reads layers from their start, since that is the only way in; few at once, for it takes a processor.</summary>
internal sealed class LayerReader(FileLimits limits, TimeProvider clock) : IDisposable
{
    private const int MaxAtOnce = 2;

    /// <summary>Entries between two reports.</summary>
    private const int ReportStep = 256;

    private readonly SemaphoreSlim _turn = new(MaxAtOnce);

    /// <summary>Apart from the other, so that a slow receiver of a file keeps nobody from looking into layers.</summary>
    private readonly SemaphoreSlim _sendingTurn = new(MaxAtOnce);

    public void Dispose()
    {
        _turn.Dispose();
        _sendingTurn.Dispose();
    }

    /// <summary>Waits for a turn; to be given back by disposing what it returns.</summary>
    /// <param name="isSending">Whether the pace is a client's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IDisposable> EnterAsync(bool isSending, CancellationToken cancellationToken)
    {
        var turn = isSending ? _sendingTurn : _turn;
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    /// <summary>Lists a layer. A fault is part of the answer, with what was read until then.</summary>
    /// <returns>The list, and whether another try would give the same.</returns>
    public async Task<(FileTree Tree, bool IsFinal)> ListAsync(IBlobContent content, Action<long, int>? report, CancellationToken cancellationToken)
    {
        var builder = new FileTreeBuilder(limits);
        using var patience = new CancellationTokenSource(limits.MaxTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        await using var blob = new BlobStream(content);
        try
        {
            await using var unpacked = await Unpacking.OpenAsync(blob, either.Token);
            var tar = new TarReading(unpacked, limits);
            while (await tar.ReadNextAsync(either.Token) is { } item)
            {
                if (tar.Count > limits.MaxEntries)
                {
                    throw new LayerFaultException($"It has more than {limits.MaxEntries:N0} entries, so reading stopped there.");
                }

                builder.Add(item, tar.Count - 1);
                if (tar.Count % ReportStep == 0)
                {
                    report?.Invoke(blob.Consumed, tar.Count);
                }
            }
        }
        catch (LayerFaultException fault)
        {
            builder.AddFault(new LayerFault(0, fault.Message));
        }
        catch (Exception exception) when (Unpacking.IsDamage(exception))
        {
            builder.AddFault(new LayerFault(0, "Its compression is damaged or cut off; what could be read until there is listed."));
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            builder.AddFault(new LayerFault(0, $"Reading it took longer than {limits.MaxTime.TotalMinutes:0} minutes and was ended; what was read until then is listed."));
            return (builder.Build(), false);
        }

        return (builder.Build(), true);
    }

    /// <summary>Goes to an entry and hands its content out, at most <paramref name="most"/> bytes.</summary>
    /// <param name="content">The layer.</param>
    /// <param name="entry">The entry's number.</param>
    /// <param name="most">Bytes wanted.</param>
    /// <param name="take">Takes each piece.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LayerFaultException">It can't be read.</exception>
    public async Task ReadAsync(IBlobContent content, int entry, long most, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        await using var blob = new BlobStream(content);
        try
        {
            await using var unpacked = await Unpacking.OpenAsync(blob, cancellationToken);
            var tar = new TarReading(unpacked, limits);
            do
            {
                if (await tar.ReadNextAsync(cancellationToken) is null)
                {
                    throw new LayerFaultException("The layer has no such file.");
                }
            }
            while (tar.Count <= entry);

            var buffer = new byte[64 * 1024];
            while (most > 0)
            {
                var read = await tar.ReadContentAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most)), cancellationToken);
                if (read == 0)
                {
                    return;
                }

                most -= read;
                await take(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (Exception exception) when (Unpacking.IsDamage(exception))
        {
            throw new LayerFaultException("The layer's compression is damaged or cut off before the end of this file.");
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
