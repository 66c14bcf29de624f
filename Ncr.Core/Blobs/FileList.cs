using System.Runtime.CompilerServices;

namespace Ncr.Core.Blobs;

/// <summary>Lists the files of a folder while others come and go in it.</summary>
internal static class FileList
{
    private const int LetOthersRunAfter = 200;

    /// <param name="prefix">What goes before each file's name.</param>
    public static async IAsyncEnumerable<StoredItem> ReadAsync(string folder, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Describe(file, prefix) is { } item)
            {
                yield return item;
            }

            if (++count % LetOthersRunAfter == 0)
            {
                await Task.Yield();
            }
        }
    }

    /// <returns>Null when it went meanwhile.</returns>
    private static StoredItem? Describe(FileInfo file, string prefix)
    {
        try
        {
            return file.Exists ? new StoredItem(prefix + file.Name, file.Length, file.LastWriteTimeUtc) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
