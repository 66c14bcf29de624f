using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Memory;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Data;

/// <summary>
/// What reads of images found, in bounded memory, kept true by every write: a value is good as long as its image's stamp stands where it
/// stood before the value was read, and <see cref="WriteGate"/> moves the stamps of what was written after each commit, before any
/// writer is answered. A value that was read before a commit and stored after it is stale from the start, so no lock is needed.
/// </summary>
/// <remarks>Never of who may do what: rights are looked up live (rule C5).</remarks>
internal sealed class ReadCache : IDisposable
{
    /// <summary>Bytes, about.</summary>
    private const long MaxSize = 32 * 1024 * 1024;

    private const int Overhead = 500;
    private const int StampCount = 4096;

    /// <summary>Images share stamps by hash: a neighbour's write costs a look-up, never a wrong answer.</summary>
    private readonly long[] _stamps = new long[StampCount];
    private readonly MemoryCache _values = new(new MemoryCacheOptions { SizeLimit = MaxSize, CompactionPercentage = 0.1 });

    /// <summary>Take it before reading what shall be stored.</summary>
    public long StampOf(string image) => Volatile.Read(ref _stamps[IndexOf(image)]);

    public bool TryGet<T>(string image, char kind, string name, [MaybeNullWhen(false)] out T value)
        where T : class
    {
        if (_values.TryGetValue(KeyOf(image, kind, name), out var found) && found is Entry entry && entry.Stamp == StampOf(image))
        {
            NcrMetrics.CacheHit("images");
            value = (T)entry.Value;
            return true;
        }

        NcrMetrics.CacheMiss("images");
        value = null;
        return false;
    }

    /// <param name="image">The image's full name, or what else the value hangs on.</param>
    /// <param name="kind">Keeps values of different kinds apart.</param>
    /// <param name="name">The value's name within its kind and image.</param>
    /// <param name="value">Never to be changed again.</param>
    /// <param name="size">Bytes it holds beyond a few short texts.</param>
    /// <param name="stamp">From before it was read.</param>
    public void Set(string image, char kind, string name, object value, int size, long stamp)
    {
        var key = KeyOf(image, kind, name);
        _values.Set(key, new Entry(value, stamp), new MemoryCacheEntryOptions { Size = size + (2 * key.Length) + Overhead, SlidingExpiration = TimeSpan.FromMinutes(10) });
    }

    /// <summary>After a commit that wrote about an image.</summary>
    public void Forget(string image) => Interlocked.Increment(ref _stamps[IndexOf(image)]);

    public void ForgetAll()
    {
        for (var i = 0; i < _stamps.Length; i++)
        {
            Interlocked.Increment(ref _stamps[i]);
        }
    }

    public void Dispose() => _values.Dispose();

    private static int IndexOf(string image) => string.GetHashCode(image) & (StampCount - 1);

    /// <summary>The break keeps the parts apart: no name holds one.</summary>
    private static string KeyOf(string image, char kind, string name) => string.Concat(image, ['\n', kind], name);

    private sealed record Entry(object Value, long Stamp);
}
