using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Figures;

/// <summary>Notes once an hour how much is stored, so that its growth can be shown; and forgets what is too old for any chart.</summary>
internal sealed partial class StorageSampler(ServerFigures figures, WriteGate writes, StorageFailureLog failures, TimeProvider clock, ILogger<StorageSampler> logger) : BackgroundService
{
    /// <summary>A year to compare with, and some.</summary>
    public const int KeptDays = 400;

    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Notes what is stored now as the figure of the day; a later look on that day replaces it.</summary>
    internal async Task SampleAsync(CancellationToken cancellationToken)
    {
        if (await figures.FindStoredAsync(Timeout.InfiniteTimeSpan, cancellationToken) is not { } stored)
        {
            return;
        }

        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        await writes.RunAsync(
            async (db, _) =>
            {
                await db.Sql.ExecuteAsync(
                    """
                    INSERT INTO "StorageSamples" ("Day", "Size", "Blobs") VALUES (@0, @1, @2)
                    ON CONFLICT ("Day") DO UPDATE SET "Size" = excluded."Size", "Blobs" = excluded."Blobs"
                    """,
                    DailyFigures.TextOf(today),
                    stored.Bytes,
                    stored.Count);
                await db.Sql.ExecuteAsync("""DELETE FROM "StorageSamples" WHERE "Day" < @0""", DailyFigures.TextOf(today.AddDays(-KeptDays)));
                return await db.Sql.ExecuteAsync("""DELETE FROM "DailyFigures" WHERE "Day" < @0""", DailyFigures.TextOf(today.AddDays(-KeptDays)));
            },
            cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(FirstAfter, clock, stoppingToken);
            using var timer = new PeriodicTimer(Interval, clock);
            do
            {
                await TryAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SampleAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // The next hour has its own.
        {
            if (failures.Report(exception) is null)
            {
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "What is stored could not be noted")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
