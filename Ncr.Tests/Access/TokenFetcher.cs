using System.Net;
using System.Net.Http.Headers;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

/// <summary>Does what clients do: asks without credentials, fetches a token for the scope of the challenge, and asks again.</summary>
/// <param name="basic">The key; null for who did not say who, and then no token may be the answer.</param>
internal sealed class TokenFetcher(AuthenticationHeaderValue? basic) : DelegatingHandler
{
    /// <summary>Once without a token, and once with a token that was not enough.</summary>
    private const int Challenges = 2;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.Unauthorized || i == Challenges)
            {
                return response;
            }

            var challenge = Challenge.Of(response);
            if (await FetchAsync(challenge, cancellationToken) is not { } token)
            {
                return response;
            }

            response.Dispose();
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    private async Task<string?> FetchAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        var scopes = (challenge.Scope ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => $"&scope={Uri.EscapeDataString(s)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{challenge.Realm}?service={challenge.Service}{string.Concat(scopes)}");
        request.Headers.Authorization = basic;
        using var response = await base.SendAsync(request, cancellationToken);
        if (basic is null && response.StatusCode == HttpStatusCode.Unauthorized)
        {
            return null;
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.ReadJsonAsync()).GetProperty("token").GetString()!;
    }
}
