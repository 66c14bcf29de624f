using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Data;
using Ncr.Core.Errors;

namespace Ncr.Core.Hosting;

/// <summary>Whether the server can do its work: the database answers and the data folder can be written. Looked at every few seconds at most, however often it is asked.</summary>
public sealed partial class Readiness
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly DataFolder _folder;
    private readonly TimeProvider _clock;
    private readonly StorageFailureLog _failures;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private Task<string?>? _check;
    private long _checkedAt;

    internal Readiness(IDbContextFactory<NcrDbContext> dbFactory, DataFolder folder, StorageFailureLog failures, TimeProvider clock, ILogger<Readiness> logger) =>
        (_dbFactory, _folder, _failures, _clock, _logger) = (dbFactory, folder, failures, clock, logger);

    /// <returns>What is wrong, in words fit for anybody; null when all is well.</returns>
    public async Task<string?> FindFaultAsync()
    {
        try
        {
            return await CheckOnce().WaitAsync(Patience, _clock);
        }
        catch (TimeoutException)
        {
            return "the disk does not answer";
        }
    }

    /// <summary>The last check while it is fresh or still runs: those who ask must not pile up on a disk that hangs.</summary>
    private Task<string?> CheckOnce()
    {
        lock (_lock)
        {
            if (_check is null || (_check.IsCompleted && _clock.GetElapsedTime(_checkedAt) >= Interval))
            {
                _checkedAt = _clock.GetTimestamp();
                _check = Task.Run(CheckAsync);
            }

            return _check;
        }
    }

    private async Task<string?> CheckAsync()
    {
        var faults = new List<string>(2);
        try
        {
            await using var db = await _dbFactory.CreateDbContextAsync();
            await db.Registries.Select(r => r.Id).FirstOrDefaultAsync();
        }
        catch (Exception exception) // Whatever it is, it keeps the server from working.
        {
            if (_failures.Report(exception) is null)
            {
                LogDatabase(_logger, exception);
            }

            faults.Add("the database can't be read");
        }

        try
        {
            // With content: an empty file can be made on a full disk.
            var probe = Path.Combine(_folder.Root, ".ready");
            await File.WriteAllBytesAsync(probe, new byte[4096]);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (_failures.Report(exception) is null)
            {
                LogFolder(_logger, exception);
            }

            faults.Add("the data folder can't be written");
        }

        return faults.Count == 0 ? null : string.Join("; ", faults);
    }

    [LoggerMessage(LogLevel.Error, "Not ready: the database can't be read")]
    private static partial void LogDatabase(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Not ready: the data folder can't be written")]
    private static partial void LogFolder(ILogger logger, Exception exception);
}
