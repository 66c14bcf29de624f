using Microsoft.AspNetCore.Http;

namespace Ncr.Registry.Telemetry;

/// <summary>By which a client's error and the log's lines are brought together: a proxy's <c>X-Request-Id</c>, or one of our own.</summary>
public static class RequestId
{
    public const string Header = "X-Request-Id";

    private const int MaxLength = 64;

    public static string Of(HttpContext context)
    {
        string? given = context.Request.Headers[Header];
        return IsSane(given) ? given : context.TraceIdentifier;
    }

    /// <summary>It is repeated in logs and answers, so only what can do no harm there.</summary>
    private static bool IsSane([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? given)
    {
        if (given is not { Length: > 0 and <= MaxLength })
        {
            return false;
        }

        foreach (var c in given)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':'))
            {
                return false;
            }
        }

        return true;
    }
}
