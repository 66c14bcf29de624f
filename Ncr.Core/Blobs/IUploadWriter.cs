namespace Ncr.Core.Blobs;

/// <summary>Appends to an upload. Disposing it keeps what was written, so that the upload can go on later.</summary>
public interface IUploadWriter : IAsyncDisposable
{
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}
