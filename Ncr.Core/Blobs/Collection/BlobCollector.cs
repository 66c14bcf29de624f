using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs.Collection;

/// <summary>Collects, bit by bit, while the server runs. There is no time at which pushes are refused for it.</summary>
internal sealed partial class BlobCollector(Collector collector, NcrOptions options, StorageFailureLog failures, TimeProvider clock, ILogger<BlobCollector> logger) : BackgroundService
{
    private string? _lastError;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        collector.IsServing = true;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        collector.Stop();
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Collection.Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await collector.RunOwnAsync(stoppingToken);
                _lastError = null;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                if (failures.Report(exception) is null && exception.Message != _lastError)
                {
                    LogFailed(logger, exception); // Said once, and the next round tries again.
                }

                _lastError = exception.Message;
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Collecting what nothing needs any more failed. Nothing is lost, but the storage grows until it works again; see that the disk has room and the data folder can be written. It is tried again each round")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
