using System.Text;
using Microsoft.Extensions.Logging;

namespace Ncr.Tests.Support;

/// <summary>All that is logged, in all that a format could show of it: the message, each value in it, the scopes and the exception.</summary>
internal sealed class LogCapture : ILoggerProvider, ISupportExternalScope
{
    private readonly StringBuilder _text = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // What it took is looked at after the server's end.
    }

    private static void Describe(StringBuilder text, object? state)
    {
        text.Append(" | ").Append(state);
        foreach (var (name, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
        {
            text.Append(", ").Append(name).Append('=').Append(value);
        }
    }

    private sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => capture._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new StringBuilder().Append(logLevel).Append(' ').Append(category).Append(": ").Append(formatter(state, exception));
            Describe(line, state);
            capture._scopes.ForEachScope((scope, text) => Describe(text, scope), line);
            line.Append(' ').Append(exception).AppendLine();
            lock (capture._text)
            {
                capture._text.Append(line);
            }
        }
    }
}
