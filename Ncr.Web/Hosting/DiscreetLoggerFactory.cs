namespace Ncr.Web.Hosting;

/// <summary>Keeps out of the log what the framework would write there with secrets in it, whatever the settings say: whoever looks for a fault by logging everything must not give others the keys.</summary>
/// <param name="inner">Writes the rest, as the settings say.</param>
internal sealed class DiscreetLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    /// <summary>What is written from which level on.</summary>
    private static readonly (string Category, LogLevel From)[] Limits =
    [
        ("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning), // Below that, addresses with their queries: the one-time link, or worse. The log of requests tells the rest.
        ("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Information), // The header or line that it could not read.
        ("Microsoft.AspNetCore.Authentication.OpenIdConnect", LogLevel.Debug), // The provider's answer, with its code.
        ("Microsoft.AspNetCore.SignalR", LogLevel.Information), // What is typed into pages.
    ];

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        foreach (var (category, from) in Limits)
        {
            if (categoryName.StartsWith(category, StringComparison.Ordinal))
            {
                return new Limited(logger, from);
            }
        }

        return logger;
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The other one is disposed of by whoever made it.
    }

    private sealed class Limited(ILogger inner, LogLevel from) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= from && inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= from)
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
