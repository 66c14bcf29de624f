namespace Ncr.Core.Blobs;

/// <summary>Open content, readable anywhere.</summary>
public interface IBlobContent : IAsyncDisposable
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Reads some bytes at <paramref name="offset"/>; 0 at the end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);
}
