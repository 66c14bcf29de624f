using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;

namespace Ncr.Core.Images;

/// <summary>
/// Each pull of a registry that records pulls, gathered in memory and written by <see cref="PullRecorder"/>'s rounds. Which registries do is kept in memory, too, and read
/// again after any of them changed: a pull asks nothing of the database. A crash loses the last seconds.
/// </summary>
internal sealed partial class PullEvents : IDisposable
{
    /// <summary>Pulls kept in memory between two rounds; of those beyond it the number is recorded.</summary>
    public const int MaxWaiting = 20_000;

    /// <summary>Events in one transaction: some milliseconds.</summary>
    private const int StepSize = 500;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly EventLog _events;
    private readonly StorageFailureLog _failures;
    private readonly TimeProvider _clock;
    private readonly ILogger<PullEvents> _logger;
    private readonly IDisposable _subscription;

    private ConcurrentQueue<Pull> _waiting = new();
    private ConcurrentDictionary<string, int> _more = new();
    private FrozenSet<string> _registries = FrozenSet<string>.Empty;
    private int _count;
    private long _readAt;

    /// <summary>Whether a registry may have changed since they were read: until then the pulls of all are gathered, and sorted out later.</summary>
    private int _isStale = 1;

    public PullEvents(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, EventLog events, ChangeFeed feed, StorageFailureLog failures, TimeProvider clock, ILogger<PullEvents> logger)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _events = events;
        _failures = failures;
        _clock = clock;
        _logger = logger;
        _subscription = feed.Subscribe(OnChange);
    }

    /// <summary>Takes note of a pull; from any thread, at once.</summary>
    public void Note(ManifestRef manifest, Actor actor, ImageName image, Reference reference, DateTime at)
    {
        if (Volatile.Read(ref _isStale) == 0 && !_registries.Contains(image.Registry))
        {
            return;
        }

        if (Interlocked.Increment(ref _count) > MaxWaiting)
        {
            _more.AddOrUpdate(image.Registry, 1, static (_, count) => count + 1);
            return;
        }

        _waiting.Enqueue(new Pull(image.Registry, image.ToString(), reference.IsTag ? reference.Tag : null, manifest.Digest.ToString(), actor, at));
    }

    public async Task FlushAsync()
    {
        try
        {
            if (Volatile.Read(ref _isStale) == 1 || _clock.GetElapsedTime(_readAt) >= Lifetime)
            {
                await ReadAsync();
            }

            var more = Interlocked.Exchange(ref _more, new ConcurrentDictionary<string, int>());
            var waiting = Interlocked.Exchange(ref _waiting, new ConcurrentQueue<Pull>());
            Interlocked.Exchange(ref _count, 0);
            await WriteAsync([.. waiting.Where(p => _registries.Contains(p.Registry))], [.. more.Where(m => _registries.Contains(m.Key))]);
        }
        catch (Exception exception) // Records of pulls are not worth stopping for; the next round has its own.
        {
            if (exception is not OperationCanceledException && _failures.Report(exception) is null)
            {
                LogFailed(_logger, exception);
            }
        }
    }

    public void Dispose() => _subscription.Dispose();

    private void OnChange(Change change)
    {
        if (change.Type is EventTypes.RegistryCreated or EventTypes.RegistryChanged or EventTypes.RegistryDeleted or EventTypes.RegistryRestored or EventTypes.DeletionEnded)
        {
            Volatile.Write(ref _isStale, 1);
        }
    }

    private async Task ReadAsync()
    {
        Volatile.Write(ref _isStale, 0); // Before reading: a change that comes now makes it stale again.
        try
        {
            await using var db = await _dbFactory.CreateDbContextAsync();
            _registries = (await db.Registries.Where(r => r.RecordsPulls && r.DeletionId == null).Select(r => r.Name).ToListAsync()).ToFrozenSet(StringComparer.Ordinal);
            _readAt = _clock.GetTimestamp();
        }
        catch
        {
            Volatile.Write(ref _isStale, 1);
            throw;
        }
    }

    private async Task WriteAsync(List<Pull> pulls, List<KeyValuePair<string, int>> more)
    {
        foreach (var step in pulls.Chunk(StepSize))
        {
            await _writes.RunAsync(
                async (db, _) =>
                {
                    foreach (var pull in step)
                    {
                        await _events.AddAsync(db, pull.Actor, EventTypes.ArtifactPulled, pull.Registry, pull.Image, pull.Tag, pull.Digest, null, pull.At);
                    }

                    return true;
                },
                CancellationToken.None);
        }

        foreach (var (registry, count) in more)
        {
            LogTooMany(_logger, registry, count);
            await _writes.RunAsync(
                (db, _) =>
                {
                    _events.Add(db, Actor.System, EventTypes.ArtifactPulled, registry, details: $"{count} more pulls were not recorded one by one: they came faster than records are written");
                    return Task.FromResult(true);
                },
                CancellationToken.None);
        }

        foreach (var registry in pulls.Select(p => p.Registry).Concat(more.Select(m => m.Key)).Distinct())
        {
            _events.Announce(new Change(EventTypes.ArtifactPulled, registry, null));
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} pulls of the registry {Registry} were not recorded one by one: they came faster than records are written")]
    private static partial void LogTooMany(ILogger logger, string registry, int count);

    [LoggerMessage(LogLevel.Warning, "Pulls could not be recorded")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed record Pull(string Registry, string Image, string? Tag, string Digest, Actor Actor, DateTime At);
}
