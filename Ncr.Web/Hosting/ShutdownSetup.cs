using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting.Systemd;
using Ncr.Core.Hosting;

namespace Ncr.Web.Hosting;

/// <summary>
/// A stop asked for: nothing new is taken, running transfers may end, then the rest is cut. A second Ctrl-C ends at once, which
/// loses no more than a power cut would: what clients were told is stored, is.
/// </summary>
internal static class ShutdownSetup
{
    private const string NotifySocket = "NOTIFY_SOCKET";
    private const int Interrupted = 130; // As shells tell of Ctrl-C.

    public static void AddNcrShutdown(this IServiceCollection services, NcrOptions options)
    {
        services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = options.ShutdownTimeout;

            // Work in the background ends right away, while transfers are still let go on.
            host.ServicesStopConcurrently = true;
        });

        // A service of Type=notify tells systemd when it is ready and when it stops. (AddSystemd would ask who started it, and misses those begun by a script.)
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(NotifySocket)))
        {
            services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
            services.AddSingleton<IHostLifetime, SystemdLifetime>();
        }
    }

    public static IDisposable EndAtSecondInterrupt()
    {
        var signals = 0;
        var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            if (Interlocked.Increment(ref signals) > 1)
            {
                Environment.Exit(Interrupted);
            }
        });
        var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Interlocked.Increment(ref signals));
        return new Both(interrupt, terminate);
    }

    private sealed record Both(IDisposable First, IDisposable Second) : IDisposable
    {
        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
        }
    }
}
