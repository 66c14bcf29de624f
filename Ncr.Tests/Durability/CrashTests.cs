using Ncr.Tests.Support;

namespace Ncr.Tests.Durability;

/// <summary>Rule C1 in short: <c>bench/crash.py</c> kills the program itself, as often as there is time for here; the same with 500 kills is run by hand.</summary>
public sealed class CrashTests
{
    [ToolFact("python3")]
    public async Task Kill_AtRandomMoments_LosesNothingThatWasAnswered()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Ncr.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("No Ncr.sln above the tests.");
        }

        var python = new Cli(Tool.Require("python3"))
            .With("NCR_BENCH_APP", AppContext.BaseDirectory)
            .With("PYTHONDONTWRITEBYTECODE", "1");

        var run = await python.TryAsync(Path.Combine(folder.FullName, "bench", "crash.py"), "--kills", "8", "--clients", "3", "--seconds-between", "0.3-1.5", "--max-gib", "0.2");

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("Nothing was lost.", run.Out, StringComparison.Ordinal);
    }
}
