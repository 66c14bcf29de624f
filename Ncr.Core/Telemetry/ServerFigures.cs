using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Core.Telemetry;

/// <summary>
/// The figures of one server that are looked up, not counted: what it stores, and how full its disk is. They are looked up when
/// somebody reads them, at most every 15 seconds, and no look-up goes through a big table again and again.
/// </summary>
public sealed partial class ServerFigures : IDisposable
{
    private const int Slice = 20_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RecountInterval = TimeSpan.FromHours(24);

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly DataFolder _folder;
    private readonly DiskSpace _disk;
    private readonly TimeProvider _clock;
    private readonly StorageFailureLog _failures;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _busy = new(1, 1);
    private Counted _counted = new(0, 0, 0);
    private (long Blobs, long Bytes) _freedBefore;
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;
    private DateTimeOffset _recountedAt = DateTimeOffset.MinValue;
    private Figures _figures = new(0, 0, 0, 0, 0, 0);

    internal ServerFigures(IDbContextFactory<NcrDbContext> dbFactory, DataFolder folder, DiskSpace disk, StorageFailureLog failures, TimeProvider clock, ILogger<ServerFigures> logger)
    {
        (_dbFactory, _folder, _disk, _failures, _clock, _logger) = (dbFactory, folder, disk, failures, clock, logger);
        Meter = new Meter("Ncr.Server");
        Gauge("ncr.registries", null, "Registries", f => f.Registries);
        Gauge("ncr.images", null, "Images that were pushed to and not deleted", f => f.Images);
        Gauge("ncr.registries.size", "By", "What the registries need, each blob counted once in each registry", f => f.RegistriesSize);
        Gauge("ncr.storage.blobs", null, "Blobs that are stored", f => f.Blobs);
        Gauge("ncr.storage.blobs.size", "By", "What they need on the disk", f => f.BlobsSize);
        Gauge("ncr.storage.uploads", null, "Uploads that were begun and have not ended", f => f.Uploads);
        Meter.CreateObservableGauge("ncr.disk.free", () => _disk.Read().Free, "By", "Room on the disk of the data folder");
        Meter.CreateObservableGauge("ncr.disk.size", () => _disk.Read().Size, "By", "Size of the disk of the data folder");
        Meter.CreateObservableGauge("ncr.disk.min_free", () => _disk.MinFree, "By", "The setting Ncr:MinFreeSpace");
    }

    /// <summary>This server's meter; there may be several in one process.</summary>
    public Meter Meter { get; }

    /// <summary>Looks the figures up again if they are old. What can't be looked up stays as it was.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (_clock.GetUtcNow() - _readAt < Interval)
        {
            return;
        }

        await _busy.WaitAsync(cancellationToken);
        try
        {
            if (_clock.GetUtcNow() - _readAt >= Interval)
            {
                _figures = await ReadAsync(cancellationToken);
                _readAt = _clock.GetUtcNow();
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // The other metrics are worth having all the more.
        {
            if (_failures.Report(exception) is null)
            {
                LogFailed(_logger, exception);
            }
        }
        finally
        {
            _busy.Release();
        }
    }

    /// <summary>Blobs that are stored, each counted once; some seconds old, or more when counting anew takes longer than <paramref name="patience"/>. Null when they were never counted.</summary>
    internal async Task<StoredAmount?> FindStoredAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => RefreshAsync(CancellationToken.None), cancellationToken).WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It goes on, and who asks next has its figures.
        }

        return _readAt == DateTimeOffset.MinValue ? null : new StoredAmount(_figures.Blobs, _figures.BlobsSize);
    }

    public void Dispose()
    {
        Meter.Dispose();
        _busy.Dispose();
    }

    private async Task<Figures> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var registries = await db.Registries.Where(r => r.DeletionId == null).GroupBy(_ => 1)
            .Select(g => new { Count = g.Count(), Images = g.Sum(r => (long)r.ImageCount), Size = g.Sum(r => r.Size) })
            .SingleOrDefaultAsync(cancellationToken);
        await CountBlobsAsync(db, cancellationToken);
        var (freedBlobs, freedBytes) = NcrMetrics.FreedSoFar;
        return new Figures(
            registries?.Count ?? 0,
            registries?.Images ?? 0,
            registries?.Size ?? 0,
            Math.Max(0, _counted.Blobs - (freedBlobs - _freedBefore.Blobs)),
            Math.Max(0, _counted.Bytes - (freedBytes - _freedBefore.Bytes)),
            Directory.EnumerateFiles(_folder.Uploads).Count());
    }

    /// <summary>Adds what is new, in slices of the primary key; from the start once a day, which puts right what collection did not report.</summary>
    private async Task CountBlobsAsync(NcrDbContext db, CancellationToken cancellationToken)
    {
        var recounts = _clock.GetUtcNow() - _recountedAt >= RecountInterval;
        var freed = NcrMetrics.FreedSoFar;
        var counted = recounts ? new Counted(0, 0, 0) : _counted;
        while (true)
        {
            var slice = await db.Blobs.Where(b => b.Id > counted.LastId).OrderBy(b => b.Id).Take(Slice)
                .GroupBy(_ => 1)
                .Select(g => new { Last = g.Max(b => b.Id), Count = g.Count(), Size = g.Sum(b => b.Size) })
                .SingleOrDefaultAsync(cancellationToken);
            if (slice is null)
            {
                break;
            }

            counted = new Counted(slice.Last, counted.Blobs + slice.Count, counted.Bytes + slice.Size);
            if (slice.Count < Slice)
            {
                break;
            }
        }

        _counted = counted;
        if (recounts)
        {
            _freedBefore = freed;
            _recountedAt = _clock.GetUtcNow();
        }
    }

    private void Gauge(string name, string? unit, string description, Func<Figures, long> read) =>
        Meter.CreateObservableGauge(name, () => read(_figures), unit, description);

    [LoggerMessage(LogLevel.Warning, "The figures for metrics could not be looked up")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed record Figures(long Registries, long Images, long RegistriesSize, long Blobs, long BlobsSize, long Uploads);

    private sealed record Counted(long LastId, long Blobs, long Bytes);
}
