using Microsoft.Extensions.Caching.Memory;

namespace Ncr.Core.Images.Files;

/// <summary>The lists of files that were asked for last, in bounded memory. What a digest stands for never changes, so none is ever stale.</summary>
internal sealed class LayerCache : IDisposable
{
    /// <summary>Bytes, about.</summary>
    private const long MaxSize = 64 << 20;

    private readonly MemoryCache _trees = new(new MemoryCacheOptions { SizeLimit = MaxSize, CompactionPercentage = 0.2 });

    public FileTree? Find(string key) => _trees.Get<FileTree>(key);

    public void Set(string key, FileTree tree) =>
        _trees.Set(key, tree, new MemoryCacheEntryOptions { Size = tree.MemorySize + (2 * key.Length), SlidingExpiration = TimeSpan.FromMinutes(10) });

    public void Dispose() => _trees.Dispose();
}
