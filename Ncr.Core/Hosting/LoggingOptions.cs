namespace Ncr.Core.Hosting;

/// <summary>What the log looks like. How much of it there is, section <c>Logging</c> decides as in every ASP.NET Core program.</summary>
public sealed class LoggingOptions
{
    /// <summary>Lines for people, or a JSON object a line.</summary>
    public LogFormat Format { get; set; }

    /// <summary>Which requests of the registry API leave a line. Failures of the server always do.</summary>
    public LoggedRequests Requests { get; set; } = LoggedRequests.Writes;
}

/// <summary>The form of the log.</summary>
public enum LogFormat
{
    Plain,
    Json,
}

/// <summary>Which requests are logged.</summary>
public enum LoggedRequests
{
    None,

    /// <summary>Those that end an upload or change a manifest or tag: what was pushed and deleted.</summary>
    Writes,
    All,
}
