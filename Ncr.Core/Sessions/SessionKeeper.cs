using Microsoft.Extensions.Hosting;

namespace Ncr.Core.Sessions;

/// <summary>Writes when sessions were last used, and clears those whose time is over.</summary>
internal sealed class SessionKeeper(SessionService sessions, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await sessions.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await sessions.FlushAsync();
        }
    }
}
