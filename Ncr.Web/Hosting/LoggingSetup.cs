using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Ncr.Core.Hosting;

namespace Ncr.Web.Hosting;

/// <summary>The form of the log, on the standard output.</summary>
internal static class LoggingSetup
{
    public static void AddNcrLogging(this WebApplicationBuilder builder, LoggingOptions options)
    {
        builder.Logging.AddConsoleFormatter<PlainLogFormatter, ConsoleFormatterOptions>();
        builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        });

        builder.Services.AddSingleton<LoggerFactory>();
        builder.Services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(s => new DiscreetLoggerFactory(s.GetRequiredService<LoggerFactory>())));

        // systemd's and the JSON formatter have put in their names before.
        builder.Services.PostConfigure<ConsoleLoggerOptions>(console =>
            console.FormatterName = options.Format == LogFormat.Json ? ConsoleFormatterNames.Json : PlainLogFormatter.FormatterName);
    }
}
