using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Figures;

namespace Ncr.Core.Images;

/// <summary>
/// Counts pulls in memory and writes them every few seconds, with the times access keys were used: a pull writes nothing itself.
/// A crash loses the last seconds of figures, nothing else.
/// </summary>
internal sealed partial class PullRecorder(WriteGate writes, AccessKeyService keys, PullEvents events, ChangeFeed feed, StorageFailureLog failures, TimeProvider clock, ILogger<PullRecorder> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private ConcurrentDictionary<long, Pulls> _pulls = new();

    public void Record(ManifestRef manifest, Actor actor, ImageName image, Reference reference)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        _pulls.GetOrAdd(manifest.ArtifactId, static (_, imageId) => new Pulls(imageId), manifest.ImageId).Add(now.Ticks);
        events.Note(manifest, actor, image, reference, now);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await FlushAsync();
        }
    }

    internal async Task FlushAsync()
    {
        await events.FlushAsync();
        var pulls = Interlocked.Exchange(ref _pulls, new ConcurrentDictionary<long, Pulls>());
        var uses = keys.TakeUses();
        if (pulls.IsEmpty && uses.Count == 0)
        {
            return;
        }

        try
        {
            await writes.RunAsync((db, token) => WriteAsync(db, pulls, uses, token), CancellationToken.None);
        }
        catch (Exception exception) // Figures are not worth stopping for; the next round has its own.
        {
            if (failures.Report(exception) is null)
            {
                LogFailed(logger, exception);
            }

            return;
        }

        if (!pulls.IsEmpty)
        {
            feed.Publish(new Change(null, null, null));
        }
    }

    private static async Task<bool> WriteAsync(NcrDbContext db, ConcurrentDictionary<long, Pulls> pulls, IReadOnlyList<KeyValuePair<long, KeyUse>> uses, CancellationToken cancellationToken)
    {
        foreach (var (artifactId, pull) in pulls)
        {
            var (count, last) = pull.Read();
            await db.Artifacts.Where(a => a.Id == artifactId)
                .ExecuteUpdateAsync(s => s.SetProperty(a => a.PullCount, a => a.PullCount + count).SetProperty(a => a.PulledAt, last), cancellationToken);
        }

        foreach (var image in pulls.Values.GroupBy(p => p.ImageId))
        {
            var count = image.Sum(p => p.Read().Count);
            var last = image.Max(p => p.Read().Last);
            await DailyFigures.AddPullsAsync(db, image.Key, count, last);
            await db.Images.Where(i => i.Id == image.Key)
                .ExecuteUpdateAsync(s => s.SetProperty(i => i.PullCount, i => i.PullCount + count).SetProperty(i => i.PulledAt, last), cancellationToken);
        }

        foreach (var (keyId, use) in uses)
        {
            await db.AccessKeys.Where(k => k.Id == keyId).ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, use.At).SetProperty(k => k.LastUsedFrom, use.Address), cancellationToken);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Pull counts and times of use could not be written")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed class Pulls(long imageId)
    {
        private long _count;
        private long _lastTicks;

        public long ImageId { get; } = imageId;

        public void Add(long utcTicks)
        {
            Interlocked.Increment(ref _count);
            Interlocked.Exchange(ref _lastTicks, utcTicks);
        }

        public (long Count, DateTime Last) Read() => (Interlocked.Read(ref _count), new DateTime(Interlocked.Read(ref _lastTicks), DateTimeKind.Utc));
    }
}
