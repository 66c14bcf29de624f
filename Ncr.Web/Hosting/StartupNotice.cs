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
        Console.WriteLine();
        Console.WriteLine($"  NCR is ready.");
        Console.WriteLine($"  Console    {visible}");
        Console.WriteLine($"  Registry   {new Uri(visible).Authority}");
        Console.WriteLine($"  Data       {folder.Root}");
        if (await setup.IsNeededAsync(CancellationToken.None))
        {
            var link = $"{visible}/setup?code={setup.Code}";
            Console.WriteLine($"  Set it up  {link}");
            LogSetupNeeded(logger, link);
        }

        Console.WriteLine();
    }

    [LoggerMessage(LogLevel.Information, "Not set up yet. Open {Link} to make the first administrator; the link is good until it was used or the server restarts")]
    private static partial void LogSetupNeeded(ILogger logger, string link);
}
