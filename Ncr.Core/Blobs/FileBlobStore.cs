using Microsoft.Win32.SafeHandles;
using Ncr.Core.Backups;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs;

/// <summary>Content as files in the data folder: <c>uploads/ID</c> while it comes in, <c>blobs/ab/ID</c> from then on.</summary>
internal sealed class FileBlobStore : IBlobStore
{
    /// <summary>Below this a write past the page cache does not pay.</summary>
    private const int MinDirectWrite = 256 * 1024;

    private readonly string _uploads;
    private readonly string _blobs;
    private readonly string _damaged;

    /// <summary>The file system refused to be written past the page cache: it is not asked again.</summary>
    private bool _isDirectRefused;

    public FileBlobStore(DataFolder folder)
    {
        _uploads = folder.Uploads;
        _blobs = folder.Blobs;
        _damaged = folder.Damaged;
        Directory.CreateDirectory(_uploads);
        for (var i = 0; i < 256; i++)
        {
            Directory.CreateDirectory(Path.Combine(_blobs, i.ToString("x2", null)));
        }
    }

    /// <exception cref="StartupException">Uploads could not become content in one step.</exception>
    public void RequireOneFileSystem()
    {
        if (!DurableFolder.CanMove(_uploads, Path.Combine(_blobs, "00")))
        {
            throw new StartupException($"'{_uploads}' and '{_blobs}' are on different file systems, and an upload has to become content in one step. Put the whole data folder on the larger one.");
        }
    }

    public Task CreateUploadAsync(string uploadId, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(UploadPath(uploadId), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        return Task.CompletedTask;
    }

    public Task<long?> FindUploadLengthAsync(string uploadId, CancellationToken cancellationToken)
    {
        var file = new FileInfo(UploadPath(uploadId));
        return Task.FromResult<long?>(file.Exists ? file.Length : null);
    }

    public Task<IUploadWriter> OpenUploadAsync(string uploadId, long offset, CancellationToken cancellationToken)
    {
        var path = UploadPath(uploadId);
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        if (RandomAccess.GetLength(handle) > offset)
        {
            RandomAccess.SetLength(handle, offset);
        }

        return Task.FromResult<IUploadWriter>(new Writer(this, path, handle, offset));
    }

    public Task<Stream> ReadUploadAsync(string uploadId, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new FileStream(UploadPath(uploadId), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.SequentialScan));

    public Task<string> CompleteUploadAsync(string uploadId, CancellationToken cancellationToken)
    {
        var source = UploadPath(uploadId);
        using (var handle = File.OpenHandle(source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            try
            {
                RandomAccess.FlushToDisk(handle);
            }
            catch (IOException)
            {
                File.Delete(source); // Linux tells of lost bytes once, and then calls them clean: a second flush would pass without them. It has to come again.
                throw;
            }
        }

        var location = $"{uploadId[..2]}/{uploadId}";
        DurableFolder.Move(source, BlobPath(location));
        DurableFolder.Flush(Path.Combine(_blobs, uploadId[..2]));
        return Task.FromResult(location);
    }

    public Task DeleteUploadAsync(string uploadId, CancellationToken cancellationToken)
    {
        File.Delete(UploadPath(uploadId));
        return Task.CompletedTask;
    }

    public Task<IBlobContent?> OpenAsync(string location, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<IBlobContent?>(new Content(File.OpenHandle(BlobPath(location), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)));
        }
        catch (FileNotFoundException) // A folder that is missing is another thing: a disk that is not mounted.
        {
            return Task.FromResult<IBlobContent?>(null);
        }
    }

    public Task<IBlobContent?> OpenToCheckAsync(string location, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<IBlobContent?>(new CheckedContent(File.OpenHandle(BlobPath(location), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)));
        }
        catch (FileNotFoundException)
        {
            return Task.FromResult<IBlobContent?>(null);
        }
    }

    public Task<string?> SetAsideAsync(string location, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_damaged);
        var target = Path.Combine(_damaged, Path.GetFileName(location));
        try
        {
            File.Move(BlobPath(location), target, overwrite: true);
            return Task.FromResult<string?>(target);
        }
        catch (FileNotFoundException)
        {
            return Task.FromResult<string?>(null);
        }
    }

    public Task DeleteAsync(string location, CancellationToken cancellationToken)
    {
        File.Delete(BlobPath(location));
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<StoredItem> ListUploadsAsync(CancellationToken cancellationToken) => FileList.ReadAsync(_uploads, "", cancellationToken);

    public IAsyncEnumerable<StoredItem> ListContentAsync(byte part, CancellationToken cancellationToken)
    {
        var folder = part.ToString("x2", null);
        return FileList.ReadAsync(Path.Combine(_blobs, folder), $"{folder}/", cancellationToken);
    }

    private string UploadPath(string uploadId) => Path.Combine(_uploads, uploadId);

    // A database from elsewhere may name any path.
    private string BlobPath(string location) => ContentFolder.IsLocation(location) ? Path.Combine(_blobs, location) : throw new FormatException($"'{location}' is no location of content.");

    private sealed class Writer(FileBlobStore store, string path, SafeFileHandle handle, long offset) : IUploadWriter
    {
        private long _offset = offset;
        private SafeFileHandle? _direct;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            // Synchronous on purpose: the caller reads ahead meanwhile, and the asynchronous form only moves it to another thread.
            var rest = bytes.Span;
            if (rest.Length >= MinDirectWrite && DirectFile.IsAligned(rest, _offset) && !store._isDirectRefused)
            {
                var whole = rest.Length - (rest.Length % DirectFile.BlockSize);
                if (TryWriteDirect(rest[..whole]))
                {
                    rest = rest[whole..];
                }
            }

            RandomAccess.Write(handle, rest, _offset);
            _offset += rest.Length;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            _direct?.Dispose();
            handle.Dispose();
            return ValueTask.CompletedTask;
        }

        private bool TryWriteDirect(ReadOnlySpan<byte> bytes)
        {
            _direct ??= DirectFile.TryOpen(path, out store._isDirectRefused);
            if (_direct is null)
            {
                return false;
            }

            try
            {
                RandomAccess.Write(_direct, bytes, _offset);
            }
            catch (IOException exception) when (exception.HResult == DirectFile.InvalidArgument) // Its blocks are larger than thought.
            {
                store._isDirectRefused = true;
                return false;
            }

            _offset += bytes.Length;
            return true;
        }
    }

    /// <summary>Read once by a check: what memory holds of it is dropped before, to see the disk, and after, to leave room.</summary>
    private sealed class CheckedContent : IBlobContent
    {
        private readonly SafeFileHandle _handle;

        public CheckedContent(SafeFileHandle handle)
        {
            _handle = handle;
            Length = RandomAccess.GetLength(handle);
            PageCache.Drop(handle);
        }

        public long Length { get; }

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) =>
            ValueTask.FromResult(RandomAccess.Read(_handle, buffer.Span, offset));

        public ValueTask DisposeAsync()
        {
            PageCache.Drop(_handle);
            _handle.Dispose();
            return ValueTask.CompletedTask;
        }
    }

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
