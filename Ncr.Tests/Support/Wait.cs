using System.Diagnostics;

namespace Ncr.Tests.Support;

/// <summary>Waiting for what another process or thread does.</summary>
public static class Wait
{
    /// <summary>Until the condition holds; fails after a minute.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(60), "It did not come to pass.");
            await Task.Delay(1);
        }
    }
}
