using Microsoft.Extensions.Logging.Console;
using Ncr.Core.Hosting;

namespace Ncr.Web.Hosting;

/// <summary>The form of the log, on the standard output.</summary>
internal static class LoggingSetup
{
    private const string HostingDiagnostics = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public static void AddNcrLogging(this WebApplicationBuilder builder, LoggingOptions options)
    {
        builder.Logging.AddConsoleFormatter<PlainLogFormatter, ConsoleFormatterOptions>();
        builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        });

        // Its lines have the query, which may be the one-time link or worse. Whatever the settings say: the log of requests tells the rest.
        builder.Services.PostConfigure<LoggerFilterOptions>(filter =>
        {
            // A rule that names the provider goes before all that don't.
            filter.Rules.Add(new LoggerFilterRule(null, HostingDiagnostics, LogLevel.Warning, null));
            filter.Rules.Add(new LoggerFilterRule(typeof(ConsoleLoggerProvider).FullName, HostingDiagnostics, LogLevel.Warning, null));
        });

        // systemd's and the JSON formatter have put in their names before.
        builder.Services.PostConfigure<ConsoleLoggerOptions>(console =>
            console.FormatterName = options.Format == LogFormat.Json ? ConsoleFormatterNames.Json : PlainLogFormatter.FormatterName);
    }
}
