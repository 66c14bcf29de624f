using System.CommandLine;
using Ncr.Core.Backups;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Commands;

/// <summary><c>verify [BACKUP]</c>.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommonOptions common, string[] settings)
    {
        var backup = new Argument<string?>("BACKUP") { Description = "The folder of a backup. Without it, the data folder is read, whether a server runs on it or not.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("verify", "Reads a backup or the data folder back, and tells what is damaged and who needs it.") { backup, common.Json };
        command.SetAction(CommandRun.Around(common, settings, (run, arguments, cancellationToken) => RunAsync(run, arguments.GetValue(backup), cancellationToken)));
        ExampleHelp.Add(command, "verify /mnt/backup/ncr", "verify --data /srv/ncr");
        return command;
    }

    private static async Task<int> RunAsync(CommandRun run, string? backup, CancellationToken cancellationToken)
    {
        using var progress = new ConsoleProgress(TimeProvider.System);
        VerifyResult result;
        if (backup is not null)
        {
            result = await VerifyService.VerifyBackupAsync(backup, progress, cancellationToken);
        }
        else
        {
            await using var host = CommandHost.Join(run.Settings);
            result = await host.Get<VerifyService>().VerifyAsync(progress, cancellationToken);
        }

        progress.Dispose();
        run.Write(result, output =>
        {
            output.WriteLine($"Read {result.Folder}: {result.Content} pieces of content with {ByteSize.Format(result.Bytes)}, {result.Manifests} manifests");
            if (result.Manifest is { } manifest)
            {
                output.WriteLine($"A backup of {manifest.StartedAt:yyyy-MM-dd HH:mm:ss} UTC, by NCR {manifest.Program}");
            }

            output.WriteLine(result.IsWhole ? "All is well." : result.Damage.Count == 1 ? "1 damage:" : $"{result.Damage.Count} damages:");
            DamageText.Write(output, result.Damage);
        });
        return result.IsWhole ? ExitCodes.Good : ExitCodes.Failed;
    }
}
