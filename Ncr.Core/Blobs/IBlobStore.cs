namespace Ncr.Core.Blobs;

/// <summary>
/// Where content lies. An upload is written under its own id and becomes content at a location that is never used again
/// (rule C2), so an object store can write it where it will stay, without copying or renaming.
/// </summary>
public interface IBlobStore
{
    /// <summary>Begins an empty upload.</summary>
    Task CreateUploadAsync(string uploadId, CancellationToken cancellationToken);

    /// <summary>Bytes the upload has so far; null when there is no such upload.</summary>
    Task<long?> FindUploadLengthAsync(string uploadId, CancellationToken cancellationToken);

    /// <summary>Opens an upload to be written on from <paramref name="offset"/>; what it has beyond that is dropped.</summary>
    Task<IUploadWriter> OpenUploadAsync(string uploadId, long offset, CancellationToken cancellationToken);

    /// <summary>Reads an upload back from its start, to rebuild its hash.</summary>
    Task<Stream> ReadUploadAsync(string uploadId, CancellationToken cancellationToken);

    /// <summary>Makes the upload durable content (rule C1) and returns its location.</summary>
    Task<string> CompleteUploadAsync(string uploadId, CancellationToken cancellationToken);

    /// <summary>Drops an upload; nothing happens when there is none.</summary>
    Task DeleteUploadAsync(string uploadId, CancellationToken cancellationToken);

    /// <summary>Opens content for reading; null when it is not there.</summary>
    Task<IBlobContent?> OpenAsync(string location, CancellationToken cancellationToken);

    /// <summary>As <see cref="OpenAsync"/>, but to be read from the disk itself and not from what memory holds of it.</summary>
    Task<IBlobContent?> OpenToCheckAsync(string location, CancellationToken cancellationToken);

    /// <summary>Moves content that is damaged out of the way, where a person can look at it.</summary>
    /// <returns>Where it is now; null when it was not there.</returns>
    Task<string?> SetAsideAsync(string location, CancellationToken cancellationToken);

    /// <summary>Drops content; nothing happens when it is not there.</summary>
    Task DeleteAsync(string location, CancellationToken cancellationToken);

    /// <summary>The uploads that are under way or were left.</summary>
    IAsyncEnumerable<StoredItem> ListUploadsAsync(CancellationToken cancellationToken);

    /// <summary>The content in one of the 256 parts of the storage, by which it can be gone through bit by bit.</summary>
    IAsyncEnumerable<StoredItem> ListContentAsync(byte part, CancellationToken cancellationToken);
}
