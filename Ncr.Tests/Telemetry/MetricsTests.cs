using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Telemetry;
using Ncr.Registry.Telemetry;
using Ncr.Tests.Support;
using Ncr.Web.Telemetry;

namespace Ncr.Tests.Telemetry;

public sealed partial class MetricsTests
{
    private const string Token = "a-token-for-prometheus";

    [Fact]
    public async Task Get_ByDefault_IsNotThere()
    {
        await using var server = await NcrServer.StartAsync();
        using var client = server.CreateClient();

        using var answer = await client.GetAsync(new Uri("metrics", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a-token-for-somebody-else")]
    public async Task Get_WithoutTheToken_IsRefused(string? token)
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Metrics:Token"] = Token);
        using var client = server.CreateClient(authenticated: false);
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

        using var answer = await client.GetAsync(new Uri("metrics", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain("ncr_", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_AfterAPushAndAPull_CountsThem()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Metrics:Token"] = Token);
        using var client = server.CreateClient();
        var registry = new RegistryClient(client, "team/secretname");
        await registry.PushAsync(new ImageBuilder(2), "v1");
        using var pull = await registry.GetAsync("manifests/v1");
        using var missing = await registry.GetAsync("manifests/nosuch");

        var text = await ScrapeAsync(server, Token);

        Assert.True(ValueOf(text, "ncr_request_duration_seconds_count{operation=\"manifest_put\",status=\"2xx\"}") >= 1);
        Assert.True(ValueOf(text, "ncr_request_duration_seconds_bucket{operation=\"manifest_get\",status=\"2xx\",le=\"+Inf\"}") >= 1);
        Assert.True(ValueOf(text, "ncr_request_duration_seconds_count{operation=\"manifest_get\",status=\"4xx\"}") >= 1);
        Assert.True(ValueOf(text, "ncr_received_bytes_total") > 0);
        Assert.True(ValueOf(text, "ncr_sent_bytes_total") > 0);
        Assert.True(ValueOf(text, "ncr_writes_batch_size_count") >= 1);
        Assert.True(ValueOf(text, "ncr_disk_free_bytes") > 0);
        Assert.True(ValueOf(text, "dotnet_process_memory_working_set_bytes") > 0);
        Assert.Equal(2, ValueOf(text, "ncr_registries"));
        Assert.Equal(1, ValueOf(text, "ncr_images"));
        Assert.True(ValueOf(text, "ncr_storage_blobs") is >= 0 and <= 3); // Less what other tests' collections freed just now: that count is the process's.
        Assert.True(ValueOf(text, "ncr_storage_blobs_size_bytes") >= 0);
        Assert.DoesNotContain("secretname", text, StringComparison.Ordinal);
        Assert.DoesNotContain(server.UserName, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_AfterDamageWasServedAndChecked_CountsBoth()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Metrics:Token"] = Token);
        using var client = server.CreateClient();
        var registry = new RegistryClient(client, RegistryClient.UniqueName());
        await registry.PushAsync(new ImageBuilder(3), "v1");
        var before = await ScrapeAsync(server, Token);
        File.Delete(Directory.GetFiles(Path.Combine(server.DataFolder, "blobs"), "*", SearchOption.AllDirectories)[0]);
        using (var manifest = await registry.GetAsync("manifests/v1", ("Accept", Oci.Manifest)))
        {
            foreach (var blob in BlobDigest().Matches(await manifest.Content.ReadAsStringAsync()).Select(m => m.Value))
            {
                (await registry.GetAsync($"blobs/{blob}")).Dispose();
            }
        }

        var integrity = server.Services.GetRequiredService<IntegrityService>();
        await integrity.StartAsync(server.Administrator, isQuick: false, CancellationToken.None);
        for (var i = 0; i < 600 && (await integrity.GetStatusAsync(server.Administrator, CancellationToken.None)).Last is null; i++)
        {
            await Task.Delay(100);
        }

        var after = await ScrapeAsync(server, Token);
        Assert.True(Rise("ncr_integrity_damaged_total") >= 1, after); // Other tests count into it too.
        Assert.True(Rise("ncr_integrity_checked_items_total") >= 5, after);
        Assert.True(Rise("ncr_integrity_checked_bytes_total") >= 512, after);
        Assert.True(Rise("ncr_integrity_runs_total{result=\"ok\"}") >= 1, after);

        double Rise(string series) => ValueOf(after, series) - (ValueOf(before, series) is var value && double.IsNaN(value) ? 0 : value);
    }

    [GeneratedRegex("sha256:[0-9a-f]{64}")]
    private static partial Regex BlobDigest();

    [Fact]
    public async Task Get_AllowedToAnybody_IsWellFormed_AndEveryMetricOfOursIsDocumented()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:Metrics:AllowAnonymous"] = "true");
        NcrMetrics.CollectionEnded(true, TimeSpan.FromSeconds(1));
        NcrMetrics.Freed("blob", 1, 100);
        NcrMetrics.IntegrityChecked(1, 100);
        NcrMetrics.CacheHit("with\"quote");

        var text = await ScrapeAsync(server, null);

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(Line(), line));
        Assert.Contains("ncr_cache_lookups_total{cache=\"with\\\"quote\",result=\"hit\"} ", text, StringComparison.Ordinal);
        var ours = lines.Where(l => l.StartsWith("# TYPE ncr_", StringComparison.Ordinal)).Select(l => l.Split(' ')[2]).ToList();
        Assert.True(ours.Count > 25, text);
        var docs = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "operations.md"));
        Assert.All(ours, name => Assert.Contains($"`{name}`", docs, StringComparison.Ordinal));
    }

    [Fact]
    public void Write_OfAHistogram_AddsItsBucketsUp()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("Test");
        using var collector = new PrometheusCollector(m => ReferenceEquals(m, meter));
        var histogram = meter.CreateHistogram<double>("test.wait", "s", "Waits");
        var counter = meter.CreateCounter<long>("test.things", null, "Things");
        histogram.Record(0.0004);
        histogram.Record(0.3);
        histogram.Record(9999);
        counter.Add(2);
        counter.Add(3);

        var text = collector.Write();

        Assert.Contains("# TYPE test_things_total counter\ntest_things_total 5\n", text, StringComparison.Ordinal);
        Assert.Contains("test_wait_seconds_bucket{le=\"0.0005\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("test_wait_seconds_bucket{le=\"0.25\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("test_wait_seconds_bucket{le=\"0.5\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("test_wait_seconds_bucket{le=\"+Inf\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("test_wait_seconds_count 3\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "", "base")]
    [InlineData("GET", "/", "base")]
    [InlineData("GET", "/_catalog", "catalog")]
    [InlineData("GET", "/team/app/tags/list", "tags_list")]
    [InlineData("HEAD", "/team/app/manifests/v1", "manifest_head")]
    [InlineData("PUT", "/team/blobs/uploads/manifests/v1", "manifest_put")]
    [InlineData("GET", "/team/manifests/blobs/sha256:ab", "blob_get")]
    [InlineData("POST", "/team/app/blobs/uploads/", "upload_start")]
    [InlineData("POST", "/team/app/blobs/uploads", "upload_start")]
    [InlineData("PATCH", "/team/app/blobs/uploads/0a", "upload_patch")]
    [InlineData("PUT", "/team/app/blobs/uploads/0a", "upload_put")]
    [InlineData("GET", "/team/app/referrers/sha256:ab", "referrers")]
    [InlineData("BREW", "/team/app/manifests/v1", "other")]
    [InlineData("GET", "x", "other")]
    public void Operation_OfARequest_IsOneOfAFew(string method, string path, string operation) => Assert.Equal(operation, RegistryOperation.Of(method, path));

    [GeneratedRegex("""^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .*|[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? (\+Inf|-?[0-9.]+(E[+-]?[0-9]+)?))$""")]
    private static partial Regex Line();

    private static double ValueOf(string text, string series) =>
        text.Split('\n').Where(l => l.StartsWith(series + " ", StringComparison.Ordinal)).Select(l => double.Parse(l[(series.Length + 1)..], null)).DefaultIfEmpty(double.NaN).Single();

    private static async Task<string> ScrapeAsync(NcrServer server, string? token)
    {
        using var client = server.CreateClient(authenticated: false);
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync(new Uri("metrics", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        return await answer.Content.ReadAsStringAsync();
    }
}
