using System.Net;

namespace Ncr.Core.Outgoing;

/// <summary>Follows redirects within bounds, and ends what takes too long or answers too much.</summary>
internal sealed class OutgoingHandler(OutgoingPolicy policy, OutgoingLimits limits, TimeProvider clock) : DelegatingHandler
{
    public const int MaxRedirects = 5;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var deadline = new CancellationTokenSource(limits.Timeout, clock);
        var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var host = request.RequestUri!.Host;
        try
        {
            var response = await FollowAsync(request, both.Token);
            if (response.Content.Headers.ContentLength > limits.MaxAnswer)
            {
                response.Dispose();
                throw LimitedContent.TooLarge(host, limits);
            }

            response.Content = new LimitedContent(response.Content, host, limits, deadline, both);
            return response;
        }
        catch (Exception exception)
        {
            var isLate = deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
            both.Dispose();
            deadline.Dispose();
            throw Explain(exception, host, isLate) ?? exception;
        }
    }

    /// <summary>What a failure means; null for what explains itself.</summary>
    private OutgoingException? Explain(Exception exception, string host, bool isLate) =>
        OutgoingException.In(exception)
        ?? (isLate ? LimitedContent.TooSlow(host, limits, exception)
            : exception is TaskCanceledException { InnerException: TimeoutException } ? new OutgoingException(OutgoingFault.TooSlow, $"'{host}' could not be connected to within {limits.ConnectTimeout.TotalSeconds:0.#} s.", exception)
            : exception is HttpRequestException ? new OutgoingException(OutgoingFault.Unreachable, $"Calling '{host}' failed: {exception.GetBaseException().Message}", exception)
            : null);

    private async Task<HttpResponseMessage> FollowAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            var uri = request.RequestUri!;
            policy.CheckHost(uri.Host);
            var response = await base.SendAsync(request, cancellationToken);
            if (TargetOf(response, uri) is not { } target)
            {
                return response;
            }

            var status = response.StatusCode;
            response.Dispose();
            if (redirects == MaxRedirects)
            {
                throw new OutgoingException(OutgoingFault.Redirected, $"'{uri.Host}' redirects more than {MaxRedirects} times.");
            }

            request = Redirected(request, uri, target, status);
        }
    }

    private static Uri? TargetOf(HttpResponseMessage response, Uri from) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is { } location
            ? new Uri(from, location)
            : null;

    private static HttpRequestMessage Redirected(HttpRequestMessage request, Uri from, Uri target, HttpStatusCode status)
    {
        if (target.Scheme is not ("http" or "https"))
        {
            throw new OutgoingException(OutgoingFault.Redirected, $"'{from.Host}' redirects to an address that is neither http nor https.");
        }

        if (from.Scheme == "https" && target.Scheme == "http")
        {
            throw new OutgoingException(OutgoingFault.Redirected, $"'{from.Host}' redirects from https to http ('{target.Host}'), which is not followed.");
        }

        var isSameOrigin = Uri.Compare(from, target, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
        var keepsMethod = status is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect || request.Method == HttpMethod.Get || request.Method == HttpMethod.Head;
        if (keepsMethod && request.Content is not null && !isSameOrigin)
        {
            throw new OutgoingException(OutgoingFault.Redirected, $"'{from.Host}' wants what was sent to it sent to '{target.Host}', which is not done.");
        }

        var next = new HttpRequestMessage(keepsMethod ? request.Method : HttpMethod.Get, target) { Version = request.Version, VersionPolicy = request.VersionPolicy, Content = keepsMethod ? request.Content : null };
        foreach (var (name, values) in request.Headers)
        {
            // What is meant for one host is nobody else's business.
            if (isSameOrigin || !(name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) || name.Equals("Host", StringComparison.OrdinalIgnoreCase)))
            {
                next.Headers.TryAddWithoutValidation(name, values);
            }
        }

        return next;
    }
}
