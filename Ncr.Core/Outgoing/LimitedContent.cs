using System.Net;

namespace Ncr.Core.Outgoing;

/// <summary>An answer's body that ends with an exception when it is too large or takes too long, whoever reads it and however.</summary>
internal sealed class LimitedContent : HttpContent
{
    private readonly HttpContent _content;
    private readonly string _host;
    private readonly OutgoingLimits _limits;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _both;

    public LimitedContent(HttpContent content, string host, OutgoingLimits limits, CancellationTokenSource deadline, CancellationTokenSource both)
    {
        (_content, _host, _limits, _deadline, _both) = (content, host, limits, deadline, both);
        foreach (var (name, values) in content.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    public static OutgoingException TooLarge(string host, OutgoingLimits limits) =>
        new(OutgoingFault.TooLarge, $"'{host}' answers with more than {limits.MaxAnswer:N0} bytes.");

    public static OutgoingException TooSlow(string host, OutgoingLimits limits, Exception inner) =>
        new(OutgoingFault.TooSlow, $"'{host}' did not answer completely within {limits.Timeout.TotalSeconds:0.#} s.", inner);

    protected override async Task<Stream> CreateContentReadStreamAsync() => await CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new LimitedStream(await _content.ReadAsStreamAsync(cancellationToken), _host, _limits, _deadline.Token);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var limited = await CreateContentReadStreamAsync(cancellationToken);
        await limited.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        var announced = _content.Headers.ContentLength; // One's own would ask here again.
        length = announced ?? 0;
        return announced is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
            _both.Dispose();
            _deadline.Dispose();
        }

        base.Dispose(disposing);
    }
}
