using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Ncr.Core.Hosting;
using Ncr.Core.Outgoing;
using Ncr.Tests.Support;

namespace Ncr.Tests.Outgoing;

/// <summary>Calls to real servers, and what is not called.</summary>
public sealed class OutgoingTests
{
    private static readonly OutgoingLimits Quick = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), 100_000);

    [Theory]
    [InlineData("127.0.0.1", "Ncr:Outgoing:Allow")]
    [InlineData("localhost", "Ncr:Outgoing:Allow")]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("[::1]", "this machine itself")]
    [InlineData("[::ffff:127.0.0.1]", "this machine itself")]
    public async Task Call_ToThisMachine_IsRefusedBeforeAnythingIsSent(string host, string words)
    {
        await using var web = await TestWeb.StartAsync(Answer("hello"));

        var refusal = await FailAsync(Client(), web.Url(host));

        Assert.Equal(OutgoingFault.Refused, refusal.Fault);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Ncr:Outgoing:Allow", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, web.Requests);
    }

    [Fact]
    public async Task Call_ToANameThatComesToMeanThisMachine_IsRefused()
    {
        await using var web = await TestWeb.StartAsync(Answer("hello"));
        var asked = 0;
        using var another = new OutgoingHttp(Policy(allow: null), TimeProvider.System) { Resolve = (_, _) => Task.FromResult(new[] { IPAddress.Loopback }) }.CreateClient(Quick);
        using var changing = new OutgoingHttp(Policy("registry.example.com"), TimeProvider.System)
        {
            // Harmless when it is first looked at, and this machine as soon as it is connected to.
            Resolve = (_, _) => Task.FromResult(new[] { asked++ == 0 ? IPAddress.Parse("192.0.2.1") : IPAddress.Loopback }),
        }.CreateClient(Quick with { ConnectTimeout = TimeSpan.FromMilliseconds(300) });

        var refusal = await Assert.ThrowsAsync<OutgoingException>(() => another.GetStringAsync(web.Url("registry.example.com")));

        Assert.Equal(OutgoingFault.Refused, refusal.Fault);
        Assert.Contains("registry.example.com (127.0.0.1)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, web.Requests);
        await Assert.ThrowsAsync<OutgoingException>(() => changing.GetStringAsync(web.Url("registry.example.com")));
        Assert.Equal(1, asked); // Connected to what was judged, without asking again.
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "[::ffff:127.0.0.1]")]
    [InlineData("localhost", "localhost")]
    public async Task Call_ToWhatTheSettingsAllow_Works_UnlessTheyDenyItToo(string allow, string host)
    {
        await using var web = await TestWeb.StartAsync(Answer("hello"));
        using (var client = Client(allow))
        {
            Assert.Equal("hello", await client.GetStringAsync(web.Url(host)));
        }

        foreach (var deny in new[] { "127.0.0.0/8, ::1", host.Trim('[', ']') })
        {
            var refusal = await FailAsync(Client(allow, deny), web.Url(host));
            Assert.Equal(OutgoingFault.Refused, refusal.Fault);
            Assert.Contains("Ncr:Outgoing:Deny", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Redirect_ToWhatMayNotBeCalled_IsRefused()
    {
        await using var target = await TestWeb.StartAsync(Answer("secret"), "127.0.0.2");
        await using var web = await TestWeb.StartAsync(context => RedirectTo(context, target.Url("127.0.0.2").ToString()));

        var refusal = await FailAsync(Client("127.0.0.1"), web.Url());

        Assert.Equal(OutgoingFault.Refused, refusal.Fault);
        Assert.Contains("127.0.0.2", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, target.Requests);
        using var client = Client("127.0.0.0/8");
        Assert.Equal("secret", await client.GetStringAsync(web.Url()));
    }

    [Fact]
    public async Task Redirect_ToAnotherHost_TakesNoAuthorizationAlong_ToTheSameItDoes()
    {
        await using var other = await TestWeb.StartAsync(Answer("there"));
        await using var web = await TestWeb.StartAsync(context => context.Request.Path == "/away" ? RedirectTo(context, other.Url().ToString())
            : context.Request.Path == "/round" ? RedirectTo(context, "/here")
            : context.Response.WriteAsync("here"));
        using var client = Client("127.0.0.1");
        client.DefaultRequestHeaders.Authorization = new("Bearer", "secret");

        Assert.Equal("here", await client.GetStringAsync(web.Url(path: "/round")));
        Assert.Equal("Bearer secret", web.Authorization);
        Assert.Equal("there", await client.GetStringAsync(web.Url(path: "/away")));
        Assert.Null(other.Authorization);
    }

    [Fact]
    public async Task Redirect_TheSixth_IsNotFollowed_NorIsOneOfWhatWasSentElsewhere()
    {
        await using var other = await TestWeb.StartAsync(Answer("there"));
        await using var web = await TestWeb.StartAsync(context => context.Request.Path.Value switch
        {
            "/send" => RedirectTo(context, other.Url().ToString(), StatusCodes.Status307TemporaryRedirect),
            "/file" => RedirectTo(context, "file:///etc/passwd"),
            "/5" => context.Response.WriteAsync("five"),
            var path => RedirectTo(context, $"/{int.Parse(path!.AsSpan(1)) + 1}"),
        });
        using var client = Client("127.0.0.1");

        Assert.Equal("five", await client.GetStringAsync(web.Url(path: "/0")));
        Assert.Equal(OutgoingFault.Redirected, (await FailAsync(Client("127.0.0.1"), web.Url(path: "/6"))).Fault);
        Assert.Equal(6 + 6, web.Requests);
        Assert.Equal(OutgoingFault.Redirected, (await FailAsync(Client("127.0.0.1"), web.Url(path: "/file"))).Fault);
        using var content = new StringContent("client_secret=1");
        var refusal = await Assert.ThrowsAsync<OutgoingException>(() => client.PostAsync(web.Url(path: "/send"), content));
        Assert.Equal(OutgoingFault.Redirected, refusal.Fault);
        Assert.Equal(0, other.Requests);
    }

    [Fact]
    public async Task Redirect_FromHttpsToHttp_IsNotFollowed()
    {
        using var handler = new OutgoingHandler(new OutgoingPolicy(new NcrOptions()), Quick, TimeProvider.System) { InnerHandler = new Redirecting() };
        using var client = new HttpClient(handler);

        var refusal = await Assert.ThrowsAsync<OutgoingException>(() => client.GetAsync(new Uri("https://registry.example.com/")));

        Assert.Equal(OutgoingFault.Redirected, refusal.Fault);
        Assert.Contains("from https to http", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_ThatNeverEnds_IsCut_WhetherItIsReadAtOnceOrAsItComes()
    {
        await using var web = await TestWeb.StartAsync(async context =>
        {
            var part = new byte[10_000];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(part, context.RequestAborted);
            }
        });

        Assert.Equal(OutgoingFault.TooLarge, (await FailAsync(Client("127.0.0.1"), web.Url())).Fault);
        using var client = Client("127.0.0.1");
        using var response = await client.GetAsync(web.Url(), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        Assert.Equal(OutgoingFault.TooLarge, (await Assert.ThrowsAsync<OutgoingException>(() => stream.CopyToAsync(Stream.Null))).Fault);
    }

    [Fact]
    public async Task Answer_AnnouncedAsTooLarge_IsNotRead()
    {
        await using var web = await TestWeb.StartAsync(async context =>
        {
            context.Response.ContentLength = 100_001;
            await context.Response.Body.WriteAsync(new byte[100_001], context.RequestAborted);
        });
        Assert.Equal(OutgoingFault.TooLarge, (await FailAsync(Client("127.0.0.1"), web.Url())).Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_ThatIsSlow_IsGivenUp_AlsoInTheMiddleOfItsAnswer(bool answersFirst)
    {
        await using var web = await TestWeb.StartAsync(async context =>
        {
            if (answersFirst)
            {
                await context.Response.WriteAsync("begin", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await Task.Delay(TimeSpan.FromSeconds(60), context.RequestAborted);
        });
        var limits = Quick with { Timeout = TimeSpan.FromMilliseconds(500) };

        Assert.Equal(OutgoingFault.TooSlow, (await FailAsync(Client("127.0.0.1", limits: limits), web.Url())).Fault);
        if (answersFirst)
        {
            using var client = Client("127.0.0.1", limits: limits);
            using var response = await client.GetAsync(web.Url(), HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await response.Content.ReadAsStreamAsync();
            Assert.Equal(OutgoingFault.TooSlow, (await Assert.ThrowsAsync<OutgoingException>(() => stream.CopyToAsync(Stream.Null))).Fault);
        }
    }

    [Fact]
    public async Task Cancelled_ByWhoAsks_IsTheirs()
    {
        await using var web = await TestWeb.StartAsync(context => Task.Delay(TimeSpan.FromSeconds(60), context.RequestAborted));
        using var client = Client("127.0.0.1");
        using var cancellation = new CancellationTokenSource(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(web.Url(), cancellation.Token));
    }

    [Fact]
    public async Task Host_ThatIsNotThere_IsSaidInWords()
    {
        Assert.Equal(OutgoingFault.Unreachable, (await FailAsync(Client("127.0.0.1"), new Uri($"http://127.0.0.1:{Ports.Free()}/"))).Fault);
        Assert.Contains("no-such-host.invalid", (await FailAsync(Client(), new Uri("http://no-such-host.invalid/"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxy_GetsEveryCall_ButNoneToWhatIsDenied()
    {
        await using var proxy = await TestWeb.StartAsync(context => context.Response.WriteAsync($"for {context.Request.Host}"));
        using var client = Client(deny: "secret.example.com, 10.1.0.0/16", proxy: proxy.Url().ToString());

        Assert.Equal("for registry.example.com", await client.GetStringAsync(new Uri("http://registry.example.com/")));
        foreach (var denied in new[] { "http://secret.example.com/", "http://10.1.2.3/", "http://localhost/", "http://169.254.169.254/", "http://[fd00:ec2::254]/" })
        {
            Assert.Equal(OutgoingFault.Refused, (await Assert.ThrowsAsync<OutgoingException>(() => client.GetStringAsync(new Uri(denied)))).Fault);
        }

        Assert.Equal(1, proxy.Requests);
    }

    [Fact]
    public void Body_OfALimitedAnswer_IsReadAsynchronouslyOnly()
    {
        using var stream = new LimitedStream(new MemoryStream(Encoding.ASCII.GetBytes("abc")), "host", Quick, default);
        Assert.Throws<NotSupportedException>(() => stream.ReadByte());
    }

    /// <summary>In place of the network: a server with a certificate that a client trusts is not to be had here.</summary>
    private sealed class Redirecting : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(request.RequestUri!.Scheme == "https" ? HttpStatusCode.Found : HttpStatusCode.OK);
            response.Headers.Location = new Uri("http://registry.example.com/");
            return Task.FromResult(response);
        }
    }

    private static RequestDelegate Answer(string text) => context => context.Response.WriteAsync(text);

    private static Task RedirectTo(HttpContext context, string url, int status = StatusCodes.Status302Found)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = url;
        return Task.CompletedTask;
    }

    private static HttpClient Client(string? allow = null, string? deny = null, string? proxy = null, OutgoingLimits? limits = null) =>
        new OutgoingHttp(Policy(allow, deny, proxy), TimeProvider.System).CreateClient(limits ?? Quick);

    private static OutgoingPolicy Policy(string? allow, string? deny = null, string? proxy = null) => new(new NcrOptions { Outgoing = new OutgoingOptions { Allow = allow, Deny = deny, Proxy = proxy } });

    private static async Task<OutgoingException> FailAsync(HttpClient client, Uri url)
    {
        using (client)
        {
            return await Assert.ThrowsAsync<OutgoingException>(() => client.GetStringAsync(url));
        }
    }
}
