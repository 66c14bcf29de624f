using System.Text;

namespace Ncr.Tests.Support;

/// <summary>Keeps all that a server answers, but the cookies it sets: those are the browser's to keep.</summary>
internal sealed class AnswerRecorder(ICollection<(string Request, string Answer)> answers) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Where(h => !h.Key.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase)).Select(h => $"{h.Key}: {h.Value}");
        answers.Add(($"{request.Method} {request.RequestUri}", $"{string.Join('\n', headers)}\n{Encoding.Latin1.GetString(await response.Content.ReadAsByteArrayAsync(cancellationToken))}"));
        return response;
    }
}
