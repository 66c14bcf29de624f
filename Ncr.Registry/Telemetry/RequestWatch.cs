using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ncr.Core.Hosting;
using Ncr.Core.Telemetry;
using Ncr.Registry.Auth;

namespace Ncr.Registry.Telemetry;

/// <summary>Counts, times and logs the requests of the registry API. A pull that is neither counted nor logged passes by untouched.</summary>
public sealed partial class RequestWatch
{
    private static readonly object Cut = new();

    private readonly RegistryHandler _handler;
    private readonly LoggedRequests _logged;
    private readonly ILogger _logger;
    private int _writing;

    internal RequestWatch(RegistryHandler handler, NcrOptions options, ILoggerFactory loggers)
    {
        _handler = handler;
        _logged = options.Logging.Requests;
        _logger = loggers.CreateLogger("Ncr.Registry.Requests");
    }

    /// <summary>Waits, at a stop, for what still changes something: a push in its last step ends, whatever became of its connection.</summary>
    public async Task DrainAsync(TimeSpan patience)
    {
        var since = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _writing) > 0 && Stopwatch.GetElapsedTime(since) < patience)
        {
            await Task.Delay(20);
        }
    }

    internal Task HandleV2Async(HttpContext context, string path) => IsWatched(context.Request.Method)
        ? WatchAsync(context, path, RegistryOperation.Of(context.Request.Method, path))
        : _handler.HandleV2Async(context, path);

    internal Task HandleTokenAsync(HttpContext context) => IsWatched(context.Request.Method)
        ? WatchAsync(context, null, RegistryOperation.Token)
        : _handler.HandleTokenAsync(context);

    /// <summary>Tells who asks, for the log.</summary>
    internal static void Note(HttpContext context, Caller caller)
    {
        if (!IsRead(context.Request.Method))
        {
            context.Items[typeof(Caller)] = caller;
        }
    }

    /// <summary>Tells that a part of the answer is missing, for the figures and the log.</summary>
    internal static void NoteCut(HttpContext context) => context.Items[Cut] = Cut;

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private bool IsWatched(string method) => NcrMetrics.TimesRequests || _logged == LoggedRequests.All || !IsRead(method);

    private async Task WatchAsync(HttpContext context, string? path, string operation)
    {
        var writes = !IsRead(context.Request.Method);
        if (writes)
        {
            Interlocked.Increment(ref _writing);
        }

        var startedAt = Stopwatch.GetTimestamp();
        NcrMetrics.RequestStarted();
        try
        {
            await (path is null ? _handler.HandleTokenAsync(context) : _handler.HandleV2Async(context, path));
        }
        finally
        {
            var status = StatusOf(context);
            NcrMetrics.RequestEnded(operation, status, startedAt);
            if (status is StatusCodes.Status200OK or StatusCodes.Status206PartialContent && context.Response.ContentLength is { } sent && operation == "manifest_get") // Blobs are counted as they go.
            {
                NcrMetrics.Sent(sent);
            }

            if (writes)
            {
                Interlocked.Decrement(ref _writing);
            }

            Log(context, status, startedAt);
        }
    }

    /// <summary>499, as proxies log it, for a client that hung up or was cut off: it has no answer, or not the whole of it.</summary>
    private static int StatusOf(HttpContext context) =>
        (context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted) || context.Items.ContainsKey(Cut) ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode;

    private void Log(HttpContext context, int status, long startedAt)
    {
        var level = status >= StatusCodes.Status500InternalServerError ? LogLevel.Warning : LogLevel.Information;
        if (!IsLogged(context.Request.Method, status) || !_logger.IsEnabled(level))
        {
            return;
        }

        var request = context.Request;
        var caller = context.Items.TryGetValue(typeof(Caller), out var noted) ? noted as Caller : null;
        var address = Caller.AddressOf(context) ?? "-";
        var id = RequestId.Of(context);
        var elapsed = (long)Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds;

        // Never the query: it may hold what a client should have kept to itself.
        LogRequest(_logger, level, request.Method, request.Path.Value ?? "", status, request.ContentLength ?? context.Response.ContentLength ?? 0, elapsed, caller?.Actor.Name ?? "-", caller?.Key ?? "-", address, id);
    }

    private bool IsLogged(string method, int status) => _logged switch
    {
        LoggedRequests.All => true,
        LoggedRequests.Writes => HttpMethods.IsPut(method) || HttpMethods.IsDelete(method) || (status == StatusCodes.Status201Created && !IsRead(method)) || status >= StatusCodes.Status500InternalServerError,
        _ => status >= StatusCodes.Status500InternalServerError,
    };

    [LoggerMessage("{Method} {Path} {Status}, {Bytes} bytes in {Elapsed} ms, user {User}, key {Key}, from {Address} ({RequestId})")]
    private static partial void LogRequest(ILogger logger, LogLevel level, string method, string path, int status, long bytes, long elapsed, string user, string key, string address, string requestId);
}
