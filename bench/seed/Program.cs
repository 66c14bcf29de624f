using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ncr.Bench.Seed;
using Ncr.Core;
using Ncr.Core.Hosting;

// Fills a data folder through Core, as pushes do, and times what the console's pages ask of it. See README.md one folder up.
//   seed FOLDER [--images 10000] [--artifacts 100000] [--tags 1000000]
//   measure FOLDER [--rounds 200]
if (args is not ([("seed" or "measure"), _, ..]))
{
    Console.Error.WriteLine("seed FOLDER [--images N] [--artifacts N] [--tags N]\nmeasure FOLDER [--rounds N]");
    return 2;
}

using var folder = DataFolder.Open(args[1]);
var options = new NcrOptions { DataPath = args[1], Setup = { User = "admin", Password = "correct horse battery" } };
await using var services = new ServiceCollection()
    .AddLogging(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Error))
    .AddNcrCore(options, folder)
    .BuildServiceProvider();
await services.StartNcrCoreAsync(CancellationToken.None);
if (args[0] == "seed")
{
    await new Seeder(services).RunAsync(Number("--images", 10_000), Number("--artifacts", 100_000), Number("--tags", 1_000_000));
}
else
{
    await new PageTimes(services).RunAsync(Number("--rounds", 200));
}

return 0;

int Number(string name, int otherwise)
{
    var i = Array.IndexOf(args, name);
    return i < 0 ? otherwise : int.Parse(args[i + 1], CultureInfo.InvariantCulture);
}
