using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Ncr.Web.Hosting;

/// <summary>A line for each entry: time, level, where it comes from, what happened. Under systemd the journal has the time, and the level in its own form.</summary>
internal sealed class PlainLogFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "ncr";

    private readonly bool _isForJournal = SystemdHelpers.IsSystemdService();

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (_isForJournal)
        {
            textWriter.Write(PriorityOf(logEntry.LogLevel));
        }
        else
        {
            textWriter.Write(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", null));
            textWriter.Write(NameOf(logEntry.LogLevel));
        }

        textWriter.Write(logEntry.Category.AsSpan(logEntry.Category.LastIndexOf('.') + 1));
        textWriter.Write(": ");
        WriteSafely(textWriter, message);
        textWriter.WriteLine();
        if (logEntry.Exception is { } exception)
        {
            textWriter.WriteLine(_isForJournal ? exception.ToString().ReplaceLineEndings($"\n{PriorityOf(logEntry.LogLevel)}") : exception.ToString());
        }
    }

    /// <summary>Parts of a message come from clients: none of them may pass for a line of its own.</summary>
    private static void WriteSafely(TextWriter writer, string message)
    {
        foreach (var c in message)
        {
            writer.Write(char.IsControl(c) ? ' ' : c);
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace ",
        LogLevel.Debug => "debug ",
        LogLevel.Information => "info  ",
        LogLevel.Warning => "warn  ",
        LogLevel.Error => "error ",
        _ => "fatal ",
    };

    private static string PriorityOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "<7>",
        LogLevel.Information => "<6>",
        LogLevel.Warning => "<4>",
        LogLevel.Error => "<3>",
        _ => "<2>",
    };
}
