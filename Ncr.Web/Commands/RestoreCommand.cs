using System.CommandLine;
using Ncr.Core.Backups;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Commands;

/// <summary><c>restore BACKUP</c>.</summary>
internal static class RestoreCommand
{
    public static Command Create(CommonOptions common, string[] settings)
    {
        var backup = new Argument<string>("BACKUP") { Description = "The folder that the command backup wrote." };
        var force = new Option<bool>("--force") { Description = "Moves aside what the data folder holds, into a folder within it. Nothing is deleted." };
        var skipVerify = new Option<bool>("--skip-verify") { Description = "Restores what there is of a backup that lacks content." };
        var command = new Command("restore", "Puts a backup into the data folder, on which no server may be running.") { backup, force, skipVerify, common.Json };
        command.SetAction(CommandRun.Around(common, settings, (run, arguments, cancellationToken) =>
            RunAsync(run, arguments.GetRequiredValue(backup), arguments.GetValue(force), arguments.GetValue(skipVerify), cancellationToken)));
        ExampleHelp.Add(command, "restore /mnt/backup/ncr --data /srv/ncr", "restore /mnt/backup/ncr --data /srv/ncr --force");
        return command;
    }

    private static async Task<int> RunAsync(CommandRun run, string backup, bool force, bool skipVerify, CancellationToken cancellationToken)
    {
        await using var host = CommandHost.Open(run.Settings);
        using var progress = new ConsoleProgress(TimeProvider.System);
        var result = await host.Get<RestoreService>().RestoreAsync(backup, force, skipVerify, progress, cancellationToken);
        progress.Dispose();
        run.Write(result, output =>
        {
            output.WriteLine($"Restored {result.DataFolder} to {result.Manifest.StartedAt:yyyy-MM-dd HH:mm:ss} UTC. The server can be started.");
            output.WriteLine($"  Content   {result.Copied}, {ByteSize.Format(result.CopiedBytes)}");
            if (result.MovedAside is { } aside)
            {
                output.WriteLine($"  Before    {aside} has what was there; delete it when it is not needed any more");
            }
        });
        if (result.Damage.Count == 0)
        {
            return ExitCodes.Good;
        }

        await Console.Error.WriteLineAsync("What the backup could not give back:");
        DamageText.Write(Console.Error, result.Damage);
        return ExitCodes.Failed;
    }
}
