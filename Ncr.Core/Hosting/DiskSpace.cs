using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ncr.Core.Hosting;

/// <summary>Room on the disk of the data folder. The log warns when it gets small, once an hour while it stays so.</summary>
internal sealed partial class DiskSpace(DataFolder folder, NcrOptions options, TimeProvider clock, ILogger<DiskSpace> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReminderInterval = TimeSpan.FromHours(1);

    private readonly DriveInfo _drive = new(folder.Root);
    private long _warnedAt;
    private bool _isLow;

    /// <summary>Bytes; 0 when nobody wants a warning.</summary>
    public long MinFree { get; } = ByteCount.TryParse(options.MinFreeSpace ?? "0", out var bytes) ? bytes : 0;

    /// <summary>Bytes that this user may still write, and all there are; -1 when the disk does not tell.</summary>
    public (long Free, long Size) Read()
    {
        try
        {
            return (_drive.AvailableFreeSpace, _drive.TotalSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (-1, -1);
        }
    }

    internal void Check()
    {
        var (free, _) = Read();
        var isLow = free >= 0 && free < MinFree;
        if (isLow && (!_isLow || clock.GetElapsedTime(_warnedAt) >= ReminderInterval))
        {
            _warnedAt = clock.GetTimestamp();
            LogLow(logger, folder.Root, free >> 20, MinFree >> 20);
        }
        else if (!isLow && _isLow)
        {
            LogEnough(logger, folder.Root, free >> 20);
        }

        _isLow = isLow;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                Check();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The disk of {Folder} has {Free} MiB left, less than the {Wanted} MiB of Ncr:MinFreeSpace. Pushes fail when it is full: delete images, or make it larger")]
    private static partial void LogLow(ILogger logger, string folder, long free, long wanted);

    [LoggerMessage(LogLevel.Information, "The disk of {Folder} has room again: {Free} MiB")]
    private static partial void LogEnough(ILogger logger, string folder, long free);
}
