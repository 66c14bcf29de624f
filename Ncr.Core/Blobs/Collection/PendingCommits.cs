using System.Collections.Concurrent;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// The uploads whose content is in place but whose row may not be: between the two a file looks like one that a crash left. The sweep for
/// those waits for all that were on their way when it listed the files.
/// </summary>
internal sealed class PendingCommits
{
    private readonly ConcurrentDictionary<Pending, Pending> _pending = new();

    /// <summary>Before the content gets its place. Dispose it once the row is committed, or the content was dropped.</summary>
    public IDisposable Begin()
    {
        var pending = new Pending(this);
        _pending[pending] = pending;
        return pending;
    }

    /// <summary>Returns when all that had begun before the call have ended.</summary>
    public Task WhenEndedAsync(CancellationToken cancellationToken) =>
        _pending.IsEmpty ? Task.CompletedTask : Task.WhenAll(_pending.Keys.Select(p => p.Ended)).WaitAsync(cancellationToken);

    private sealed class Pending(PendingCommits owner) : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public void Dispose()
        {
            owner._pending.TryRemove(this, out _);
            _ended.TrySetResult();
        }
    }
}
