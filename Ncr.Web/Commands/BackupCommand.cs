using System.CommandLine;
using Ncr.Core.Backups;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Commands;

/// <summary><c>backup TARGET</c>.</summary>
internal static class BackupCommand
{
    public static Command Create(CommonOptions common, string[] settings)
    {
        var target = new Argument<string>("TARGET") { Description = "The folder of the backup: new, empty, or with an earlier backup, which is brought up to date; only new content is copied." };
        var command = new Command("backup", "Copies the service, running or stopped, into a folder.") { target, common.Json };
        command.SetAction(CommandRun.Around(common, settings, (run, arguments, cancellationToken) => RunAsync(run, arguments.GetRequiredValue(target), cancellationToken)));
        ExampleHelp.Add(command, "backup /mnt/backup/ncr --data /srv/ncr");
        return command;
    }

    private static async Task<int> RunAsync(CommandRun run, string target, CancellationToken cancellationToken)
    {
        await using var host = CommandHost.Join(run.Settings);
        using var progress = new ConsoleProgress(TimeProvider.System);
        var result = await host.Get<BackupService>().BackupAsync(target, progress, cancellationToken);
        progress.Dispose();
        var manifest = result.Manifest;
        run.Write(result, output =>
        {
            output.WriteLine($"Backed up {host.DataFolder} to {result.Target}");
            output.WriteLine($"  Database  {ByteSize.Format(manifest.Database.Bytes)}");
            output.WriteLine($"  Content   {manifest.Content.Count}, {ByteSize.Format(manifest.Content.Bytes)}");
            output.WriteLine($"  New       {result.Copied}, {ByteSize.Format(result.CopiedBytes)}");
            output.WriteLine($"  Removed   {result.Pruned} that nothing needs any more");
        });
        if (manifest.Damage.Count == 0)
        {
            return ExitCodes.Good;
        }

        await Console.Error.WriteLineAsync("The backup is in place, but the service itself lacks content:");
        DamageText.Write(Console.Error, manifest.Damage);
        return ExitCodes.Failed;
    }
}
