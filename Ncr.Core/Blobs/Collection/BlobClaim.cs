namespace Ncr.Core.Blobs.Collection;

/// <summary>The links that the collector is judging at the moment. Whoever answers for one of them waits until it is decided.</summary>
internal sealed class BlobClaim : IDisposable
{
    private readonly HashSet<(long ImageId, long BlobId)> _links;
    private readonly Action<BlobClaim> _end;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BlobClaim(IEnumerable<(long ImageId, long BlobId)> links, Action<BlobClaim> end)
    {
        _links = [.. links];
        _end = end;
    }

    public Task Ended => _ended.Task;

    public bool IsEmpty => _links.Count == 0;

    public bool Covers(long imageId, long blobId) => _links.Contains((imageId, blobId));

    public void Dispose()
    {
        _end(this);
        _ended.TrySetResult();
    }
}
