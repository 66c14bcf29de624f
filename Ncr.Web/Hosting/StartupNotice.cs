using Ncr.Core.Access;
using Ncr.Core.Hosting;

namespace Ncr.Web.Hosting;

/// <summary>The few lines a person sees when the server is up.</summary>
internal static partial class StartupNotice
{
    public static async Task WriteAsync(IReadOnlyList<string> addresses, NcrOptions options, DataFolder folder, SetupService setup, ILogger logger)
    {
        var address = (options.PublicAddress ?? addresses[0]).TrimEnd('/');
        var visible = address.Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal);
        var link = await setup.IsNeededAsync(CancellationToken.None) ? $"{visible}/setup?code={setup.Code}" : null;
        if (options.Logging.Format == LogFormat.Json)
        {
            LogReady(logger, visible, folder.Root); // Who reads JSON wants nothing else between it.
        }
        else
        {
            Console.WriteLine();
            Console.WriteLine($"  NCR is ready.");
            Console.WriteLine($"  Console    {visible}");
            Console.WriteLine($"  Registry   {new Uri(visible).Authority}");
            if (options.Private.Address is { } inner)
            {
                Console.WriteLine($"  Private    {new Uri(inner).Authority}");
            }

            Console.WriteLine($"  Data       {folder.Root}");
            if (link is not null)
            {
                Console.WriteLine($"  Set it up  {link}");
            }

            Console.WriteLine();
        }

        if (link is not null)
        {
            LogSetupNeeded(logger, link);
        }
    }

    [LoggerMessage(LogLevel.Information, "NCR is ready at {Address}, with the data folder {Data}")]
    private static partial void LogReady(ILogger logger, string address, string data);

    [LoggerMessage(LogLevel.Information, "Not set up yet. Open {Link} to make the first administrator; the link is good until it was used or the server restarts")]
    private static partial void LogSetupNeeded(ILogger logger, string link);
}
