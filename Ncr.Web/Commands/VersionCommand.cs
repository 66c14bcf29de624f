using System.CommandLine;
using Ncr.Core.Hosting;

namespace Ncr.Web.Commands;

/// <summary><c>version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create(CommonOptions common)
    {
        var command = new Command("version", "Says which NCR this is, and on what it runs.") { common.Json };
        command.SetAction(CommandRun.Around(common, [], (run, _, _) =>
        {
            var version = ProgramVersion.Current;
            run.Write(version, output =>
            {
                output.WriteLine($"NCR {version.Version}");
                output.WriteLine($"  Commit    {version.Commit ?? "unknown"}");
                output.WriteLine($"  Runtime   {version.Runtime}");
                output.WriteLine($"  System    {version.OperatingSystem}");
                output.WriteLine($"  Database  {version.Schema}");
            });
            return Task.FromResult(ExitCodes.Good);
        }));
        ExampleHelp.Add(command, "version --json");
        return command;
    }
}
