using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Ncr.Core.Blobs;

/// <summary>
/// Large buffers for large uploads, at addresses that a write past the page cache takes (see <see cref="DirectFile"/>). There are only
/// so many: an upload that gets none uses small ones and the page cache, so a thousand uploads at once don't fill the memory.
/// </summary>
internal static class UploadBuffers
{
    /// <summary>Bytes.</summary>
    public const int Size = 512 * 1024;

    private const int MaxCount = 24;
    private static readonly ConcurrentBag<AlignedBuffer> Idle = [];
    private static int _rented;

    /// <summary>Null when all are taken.</summary>
    public static IMemoryOwner<byte>? TryRent()
    {
        if (Interlocked.Increment(ref _rented) > MaxCount)
        {
            Interlocked.Decrement(ref _rented);
            return null;
        }

        return new Lease(Idle.TryTake(out var buffer) ? buffer : new AlignedBuffer());
    }

    private sealed class Lease(AlignedBuffer buffer) : IMemoryOwner<byte>
    {
        private AlignedBuffer? _buffer = buffer;

        public Memory<byte> Memory => _buffer!.Memory;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            {
                Idle.Add(buffer);
                Interlocked.Decrement(ref _rented);
            }
        }
    }

    /// <summary>Native memory, kept for the life of the process.</summary>
    private sealed unsafe class AlignedBuffer : MemoryManager<byte>
    {
        private readonly void* _start = NativeMemory.AlignedAlloc(Size, DirectFile.BlockSize);

        public override Span<byte> GetSpan() => new(_start, Size);

        public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)_start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
