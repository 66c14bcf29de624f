using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ncr.Tests.Support;
using OpenTelemetry.Trace;

namespace Ncr.Tests.Telemetry;

public sealed class TracingTests
{
    [Fact]
    public async Task Push_WithACollector_SendsASpanWithoutSecrets()
    {
        var received = new ConcurrentQueue<string>();
        await using var collector = await StartCollectorAsync(received);
        await using (var server = await NcrServer.StartAsync(settings => settings["Ncr:Otlp:Endpoint"] = collector.Urls.First()))
        {
            using var client = server.CreateClient();
            await new RegistryClient(client, "team/app").PushAsync(new ImageBuilder(1), "v1");
            using var health = await client.GetAsync(new Uri("healthz", UriKind.Relative));
            using var page = await client.GetAsync(new Uri("setup?code=0123456789abcdef", UriKind.Relative));
            await server.StopAsync(); // Sends what is left.
            var all = string.Concat(received);

            Assert.Contains("PUT manifest_put", all, StringComparison.Ordinal);
            Assert.Contains("service.name", all, StringComparison.Ordinal);
            Assert.DoesNotContain("healthz", all, StringComparison.Ordinal);
            Assert.DoesNotContain("0123456789abcdef", all, StringComparison.Ordinal);
            Assert.DoesNotContain(server.SecretKey, all, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Start_WithoutACollector_RegistersNothing()
    {
        await using var server = await NcrServer.StartAsync();

        Assert.Null(server.Services.GetService<TracerProvider>());
    }

    private static async Task<WebApplication> StartCollectorAsync(ConcurrentQueue<string> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            received.Enqueue(await reader.ReadToEndAsync());
            return Results.Ok();
        });
        await app.StartAsync();
        return app;
    }
}
