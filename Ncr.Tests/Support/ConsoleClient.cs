using System.Net;
using System.Text.RegularExpressions;
using Ncr.Web;

namespace Ncr.Tests.Support;

/// <summary>A browser without scripts: keeps cookies, sends forms, follows redirects only when told to.</summary>
internal sealed partial class ConsoleClient : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _http;

    /// <param name="server">Where to.</param>
    /// <param name="cookies">As <see cref="Cookies"/> of another gave them.</param>
    public ConsoleClient(NcrServer server, string? cookies = null)
        : this(server.Url, cookies)
    {
    }

    /// <param name="url">Where to.</param>
    /// <param name="cookies">As <see cref="Cookies"/> of another gave them.</param>
    /// <param name="around">Sees what is sent and what comes; null for nobody.</param>
    public ConsoleClient(Uri url, string? cookies = null, DelegatingHandler? around = null)
    {
        Url = url;
        HttpMessageHandler handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _cookies };
        if (around is not null)
        {
            around.InnerHandler = handler;
            handler = around;
        }

        _http = new HttpClient(handler) { BaseAddress = Url };
        foreach (var cookie in cookies?.Split("; ") ?? [])
        {
            _cookies.SetCookies(Url, cookie);
        }
    }

    public Uri Url { get; }

    public string Cookies => _cookies.GetCookieHeader(Url);

    public Task<HttpResponseMessage> GetAsync(string url)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, UriKind.RelativeOrAbsolute));
        request.Headers.Add("Accept", "text/html");
        return _http.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var answer = await GetAsync(url);
        return answer.StatusCode;
    }

    /// <summary>Sends a form without what pages put into theirs, as another site would.</summary>
    public async Task<HttpResponseMessage> PostAsync(string url)
    {
        using var form = new FormUrlEncodedContent([]);
        return await _http.PostAsync(new Uri(url, UriKind.Relative), form);
    }

    /// <summary>Reads a page and sends its hidden fields with others.</summary>
    /// <returns>Where the answer leads; null when it is a page.</returns>
    public async Task<string?> PostFormAsync(string page, string action, Dictionary<string, string> values)
    {
        using var shown = await GetAsync(page);
        var fields = new Dictionary<string, string>(values);
        foreach (Match match in Hidden().Matches(await shown.Content.ReadAsStringAsync()))
        {
            fields.TryAdd(match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value)); // A page with several forms has several handlers: who calls says which.
        }

        using var form = new FormUrlEncodedContent(fields);
        using var answer = await _http.PostAsync(new Uri(action, UriKind.Relative), form);
        return answer.Headers.Location?.ToString();
    }

    public async Task SignInAsync(string name, string password) => Assert.NotNull(
        await PostFormAsync(ConsoleUrls.SignIn, ConsoleUrls.SignIn, new() { ["Input.User"] = name, ["Input.Password"] = password }));

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
