using Ncr.Core.Blobs;

namespace Ncr.Core.Images.Files;

/// <summary>A blob's bytes one after the other, for what decompresses them. It reads in large pieces, since each is a read of the storage.</summary>
internal sealed class BlobStream(IBlobContent content) : Stream
{
    private const int PieceSize = 256 * 1024;

    private readonly byte[] _piece = new byte[PieceSize];
    private int _start;
    private int _end;
    private long _offset;

    /// <summary>Bytes given out so far.</summary>
    public long Consumed => _offset - (_end - _start);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => Consumed;
        set => throw new NotSupportedException();
    }

    /// <summary>The first bytes without taking them, to see what they are.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(CancellationToken cancellationToken)
    {
        await FillAsync(cancellationToken);
        return _piece.AsMemory(_start, _end - _start);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end && !await FillAsync(cancellationToken))
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _piece.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = 0;
            _end = 0; // Should the read fail, there is nothing.
            _end = await content.ReadAsync(_piece, _offset, cancellationToken);
            _offset += _end;
        }

        return _end > 0;
    }
}
