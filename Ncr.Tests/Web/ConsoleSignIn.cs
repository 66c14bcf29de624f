using System.Net;
using System.Text.RegularExpressions;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Web;

/// <summary>Signing in to the console as a browser does, without one.</summary>
internal static partial class ConsoleSignIn
{
    /// <summary>A client with a session: the administrator's, or another's.</summary>
    public static async Task<HttpClient> SignInAsync(this NcrServer server, string? user = null, string? password = null)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = server.Url };
        var page = await http.GetStringAsync(new Uri(ConsoleUrls.SignIn, UriKind.Relative));
        var fields = Hidden().Matches(page).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
        fields["Input.User"] = user ?? server.UserName;
        fields["Input.Password"] = password ?? server.Password;
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(new Uri(ConsoleUrls.SignIn, UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return http;
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
