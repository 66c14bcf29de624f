using System.Net.Http.Headers;
using System.Text;
using Ncr.Core.Access;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

/// <summary>A user with an access key.</summary>
/// <param name="Actor">Who the core sees, as a session of the console does.</param>
/// <param name="Basic">Sends the key with each request.</param>
/// <param name="Bearer">Fetches tokens as docker does.</param>
public sealed record TestUser(Actor Actor, string Key, string Secret, HttpClient Basic, HttpClient Bearer) : IDisposable
{
    public long Id => Actor.UserId!.Value;

    public static TestUser Create(NcrServer server, Actor actor, NewSecret pair)
    {
        var basic = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{pair.Key}:{pair.Secret}")));
        var client = server.CreateClient(authenticated: false);
        client.DefaultRequestHeaders.Authorization = basic;
        var bearer = new HttpClient(new TokenFetcher(basic) { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false } }) { BaseAddress = server.Url };
        return new TestUser(actor, pair.Key, pair.Secret, client, bearer);
    }

    public void Dispose()
    {
        Basic.Dispose();
        Bearer.Dispose();
    }
}
