using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Ncr.Core.Errors;

/// <summary>Tells the log of failures of the storage: a line a minute for each kind, however many requests meet it, and without stack traces, which say nothing about a disk.</summary>
public sealed partial class StorageFailureLog
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<StorageFailureKind, Seen> _seen = new();
    private readonly TimeProvider _clock;
    private readonly ILogger<StorageFailureLog> _logger;

    internal StorageFailureLog(TimeProvider clock, ILogger<StorageFailureLog> logger)
    {
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Recognises a failure of the storage and logs it, if that was not done just now.</summary>
    /// <returns>What to tell the client; null when the exception is something else, of which nothing was logged.</returns>
    public NcrException? Report(Exception exception)
    {
        if (StorageFailure.Advise(exception) is not { } failure)
        {
            return null;
        }

        var seen = _seen.GetOrAdd(failure.Kind, _ => new Seen());
        var cause = exception.GetBaseException().Message;
        lock (seen)
        {
            seen.Count++;
            var now = _clock.GetTimestamp();
            if (seen.LoggedAt is not { } last || _clock.GetElapsedTime(last, now) >= Interval)
            {
                LogFailure(_logger, failure.Advice, cause, seen.Count);
                (seen.LoggedAt, seen.Count) = (now, 0);
            }
        }

        return StorageFailure.Recognise(exception);
    }

    [LoggerMessage(LogLevel.Error, "{Advice}. ({Cause}; {Count} times since this was last said)")]
    private static partial void LogFailure(ILogger logger, string advice, string cause, int count);

    private sealed class Seen
    {
        public long? LoggedAt { get; set; }

        public int Count { get; set; }
    }
}
