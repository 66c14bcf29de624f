using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Ncr.Web.Hosting;

/// <summary>
/// The memory that Kestrel reads connections into and encrypts from, in larger blocks than its own of 4 KiB: a layer comes in with an
/// eighth of the system calls. Connections that wait for something hold none.
/// </summary>
internal sealed class ConnectionMemory : MemoryPool<byte>
{
    private const int BlockSize = 32 * 1024;

    /// <summary>Blocks kept for later, beyond which they go back to the garbage collector.</summary>
    private const int MaxIdle = 256;

    private readonly ConcurrentQueue<Block> _idle = new();

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        return _idle.TryDequeue(out var block) ? block : new Block(this);
    }

    protected override void Dispose(bool disposing) => _idle.Clear();

    private void Return(Block block)
    {
        if (_idle.Count < MaxIdle)
        {
            _idle.Enqueue(block);
        }
    }

    internal sealed class Factory : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new ConnectionMemory();
    }

    private sealed class Block(ConnectionMemory pool) : IMemoryOwner<byte>
    {
        // Pinned: sockets are read straight into it.
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

        public void Dispose() => pool.Return(this);
    }
}
