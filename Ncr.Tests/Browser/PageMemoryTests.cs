using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;
using Xunit.Abstractions;

namespace Ncr.Tests.Browser;

/// <summary>What open pages cost, and that they give it back. Alone: what other tests do at the same time would be counted too.</summary>
[Collection(AloneGroup.Name)]
public sealed class PageMemoryTests(BrowserFixture browser, ITestOutputHelper output)
{
    private const double MiB = 1 << 20;
    private const int Artifacts = 2_000;
    private const int Pages = 10;

    /// <summary>Bytes that a hundred steps may leave: 20 KiB each.</summary>
    private const long MaxGrowth = 2 << 20;

    [BrowserFact]
    public async Task OpenPages_CostLittle_DoNotGrow_AndAreLetGo()
    {
        using var circuits = await CircuitCount.StartAsync();
        var registry = await browser.Server.CreateRegistryAsync();
        await browser.Server.FillAsync($"{registry}/app", Artifacts);
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(ConsoleUrls.Image(registry, "app"));
        await Assertions.Expect(page.Locator("td.artifact")).ToHaveCountAsync(25);
        await UseAsync(page, 20);

        // What other threads left or threw away is counted as well, once; what a page keeps for each step shows in each round.
        var grown = long.MaxValue;
        for (var round = 0; round < 4 && grown > MaxGrowth; round++)
        {
            var start = await MemoryAsync();
            await UseAsync(page, 100);
            grown = await MemoryAsync() - start;
            output.WriteLine($"100 steps: {grown / MiB:0.00} MiB more");
        }

        var before = await MemoryAsync();
        var open = circuits.Active;
        for (var i = 0; i < Pages; i++)
        {
            var other = await page.Context.NewPageAsync();
            await other.GotoAsync(ConsoleUrls.Image(registry, "app"));
            await Assertions.Expect(other.Locator("td.artifact")).ToHaveCountAsync(25);
        }

        var each = (await MemoryAsync() - before) / Pages;
        output.WriteLine($"A page: {each / MiB:0.00} MiB");
        Assert.Equal(open + Pages, circuits.Active);
        foreach (var other in page.Context.Pages.Where(p => p != page).ToList())
        {
            await other.CloseAsync();
        }

        await Wait.UntilAsync(() => circuits.Active == open);
        var left = await MemoryAsync() - before;
        output.WriteLine($"After they were closed: {left / MiB:0.00} MiB more");

        Assert.InRange(grown, long.MinValue, MaxGrowth);
        Assert.InRange(each, long.MinValue, (long)(5 * MiB));
        Assert.InRange(left, long.MinValue, (long)(Pages * 5 * MiB / 4)); // Half of what the pages took.
    }

    [BrowserFact]
    public async Task APage_ThatNeverComesBack_IsLetGoAfterItsTime()
    {
        using var circuits = await CircuitCount.StartAsync();
        var options = browser.Server.Services.GetRequiredService<IOptions<CircuitOptions>>().Value;
        Assert.Equal((TimeSpan.FromMinutes(3), 100), (options.DisconnectedCircuitRetentionPeriod, options.DisconnectedCircuitMaxRetained));
        options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(2);
        try
        {
            await using var relay = new Relay(browser.Server.Url);
            var page = await browser.OpenSignedInAsync(relay);
            await page.GotoAsync(ConsoleUrls.Storage);
            await page.WaitForConsoleAsync();
            var open = circuits.Active;
            relay.Cut();
            await Task.Delay(500);
            Assert.Equal(open, circuits.Active);
            await Wait.UntilAsync(() => circuits.Active == open - 1);
        }
        finally
        {
            options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
        }
    }

    /// <summary>Turns pages, sorts and searches, each time until the rows have come.</summary>
    private static async Task UseAsync(IPage page, int steps) => await page.EvaluateAsync(
        """
        async steps => {
          const first = () => document.querySelector('td.artifact')?.textContent ?? '';
          const until = async (done, what) => {
            const end = performance.now() + 15000;
            while (!done()) {
              if (performance.now() > end) throw new Error(`${what}: ${first()} at ${location.search}`);
              await new Promise(resolve => setTimeout(resolve, 5));
            }
          };
          const search = text => {
            const box = document.querySelector('.list-search input');
            box.value = text;
            box.dispatchEvent(new Event('input', { bubbles: true }));
          };
          for (let i = 0; i < steps; i++) {
            const [rows, url] = [first(), location.search];
            if (i % 10 === 8) {
              search(`v1${i + 100}`);
              await until(() => first().includes(`v1${i + 100}`), 'search');
            } else if (i % 10 === 9) {
              search('');
              await until(() => document.querySelectorAll('td.artifact').length === 25, 'no search');
            } else if (i % 3 === 2) {
              document.querySelectorAll('a.sort')[i % 4].click();
              await until(() => location.search !== url, 'sort');
            } else {
              [...document.querySelectorAll('a.pager-link')].pop().click();
              await until(() => first() !== rows, 'next');
            }
          }
        }
        """,
        steps);

    private static async Task<long> MemoryAsync()
    {
        await Task.Delay(300);
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    /// <summary>Circuits by the framework's own count.</summary>
    private sealed class CircuitCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _active;

        /// <summary>Pages of the test before are closed, but their circuits end a moment later: each that ends while this counts is one too few.</summary>
        public static async Task<CircuitCount> StartAsync()
        {
            await Task.Delay(2000);
            return new CircuitCount();
        }

        private CircuitCount()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "aspnetcore.components.circuit.active")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _active, (int)value));
            _listener.SetMeasurementEventCallback<int>((_, value, _, _) => Interlocked.Add(ref _active, value));
            _listener.Start();
        }

        public int Active => Volatile.Read(ref _active);

        public void Dispose() => _listener.Dispose();
    }
}

/// <summary>A browser and a server of its own, when all other tests are through.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[ClosesPages]
public sealed class AloneGroup : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser alone";
}
