using Microsoft.Win32.SafeHandles;
using Ncr.Core.Blobs;

namespace Ncr.Core.Backups;

/// <summary>A folder <c>blobs</c>, of a data folder or of a backup, by itself: nothing is made in it by looking.</summary>
internal sealed class ContentFolder(string root)
{
    public string Root { get; } = root;

    /// <summary>A location is some plain names with '/' between; whatever else a database from elsewhere says could lead out of the folder.</summary>
    public static bool IsLocation(string location) =>
        location.Split('/') is { Length: > 1 } parts && parts.All(p => p.Length > 0 && p[0] != '.' && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'));

    public string PathOf(string location) =>
        IsLocation(location) ? Path.Combine(Root, location) : throw new FormatException($"'{location}' is no location of content.");

    public long? FindLength(string location)
    {
        if (!IsLocation(location))
        {
            return null;
        }

        var file = new FileInfo(PathOf(location));
        return file.Exists ? file.Length : null;
    }

    public Task<IBlobContent?> OpenAsync(string location, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<IBlobContent?>(IsLocation(location) ? new Content(OpenHandle(location)) : null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<IBlobContent?>(null);
        }
    }

    public SafeFileHandle OpenHandle(string location) =>
        File.OpenHandle(PathOf(location), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);

    private sealed class Content(SafeFileHandle handle) : IBlobContent
    {
        public long Length { get; } = RandomAccess.GetLength(handle);

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) =>
            ValueTask.FromResult(RandomAccess.Read(handle, buffer.Span, offset));

        public ValueTask DisposeAsync()
        {
            handle.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
