using Microsoft.Extensions.Logging;

namespace Ncr.Core.Events;

/// <summary>Announces committed changes to whoever shows them, in this process.</summary>
public sealed partial class ChangeFeed(ILogger<ChangeFeed> logger)
{
    private readonly Lock _lock = new();
    private Action<Change>[] _subscribers = [];

    /// <summary>Calls <paramref name="handler"/> for every change, on the thread that made it: it must return at once.</summary>
    /// <returns>Dispose it to stop.</returns>
    public IDisposable Subscribe(Action<Change> handler)
    {
        lock (_lock)
        {
            _subscribers = [.. _subscribers, handler];
        }

        return new Subscription(this, handler);
    }

    internal void Publish(Change change)
    {
        foreach (var subscriber in Volatile.Read(ref _subscribers))
        {
            try
            {
                subscriber(change);
            }
            catch (Exception exception) // A page that fails to draw must not fail the push that it wanted to show.
            {
                LogSubscriberFailed(logger, exception);
            }
        }
    }

    private void Remove(Action<Change> handler)
    {
        lock (_lock)
        {
            _subscribers = [.. _subscribers.Where(s => s != handler)];
        }
    }

    [LoggerMessage(LogLevel.Warning, "A page failed to take note of a change")]
    private static partial void LogSubscriberFailed(ILogger logger, Exception exception);

    private sealed class Subscription(ChangeFeed feed, Action<Change> handler) : IDisposable
    {
        public void Dispose() => feed.Remove(handler);
    }
}
