using System.CommandLine;
using Ncr.Core.Access;
using Ncr.Core.Backups;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Hosting;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Commands;

/// <summary><c>collect [--dry-run]</c>.</summary>
internal static class CollectCommand
{
    public static Command Create(CommonOptions common, string[] settings)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Counts what would be freed and takes nothing away." };
        var command = new Command("collect", "Frees what nothing needs any more, on a stopped server. A running one does it by itself.") { dryRun, common.Json };
        command.SetAction(CommandRun.Around(common, settings, (run, arguments, cancellationToken) => RunAsync(run, arguments.GetValue(dryRun), cancellationToken)));
        ExampleHelp.Add(command, "collect --dry-run --data /srv/ncr");
        return command;
    }

    private static async Task<int> RunAsync(CommandRun run, bool dryRun, CancellationToken cancellationToken)
    {
        // Nothing is made where no service is.
        await using (CommandHost.Join(run.Settings))
        {
        }

        CommandHost host;
        try
        {
            host = CommandHost.Open(run.Settings);
        }
        catch (StartupException exception) when (exception.IsInUse)
        {
            return run.Refuse("The server is running on this data folder and frees by itself what nothing needs any more. To do it now, press the button on the page Storage of the console.");
        }

        await using (host)
        {
            await host.RequireCurrentDatabaseAsync(cancellationToken);
            using var progress = new ConsoleProgress(TimeProvider.System);
            var steps = new Steps(progress);
            var row = await host.Get<CollectionService>().CollectAsync(Actor.System, dryRun, steps, cancellationToken);
            progress.Dispose();
            run.Write(row, output =>
            {
                output.WriteLine(dryRun ? "Would free:" : "Freed:");
                output.WriteLine($"  Blobs     {row.Blobs}, {ByteSize.Format(row.BlobBytes)}");
                output.WriteLine($"  Uploads   {row.Uploads}, {ByteSize.Format(row.UploadBytes)}");
                output.WriteLine($"  Orphans   {row.Orphans}, {ByteSize.Format(row.OrphanBytes)}");
            });
            if ((await host.Get<CollectionService>().GetStatusAsync(Actor.System, cancellationToken)).HeldUntil is not null)
            {
                await Console.Error.WriteLineAsync("No blob was judged: the server's last stop was not clean, or it had held all of them. Start it; it frees by itself what nothing needs, once the grace time is over.");
            }

            if (row.Error is null)
            {
                return ExitCodes.Good;
            }

            await Console.Error.WriteLineAsync(row.Error);
            return ExitCodes.Failed;
        }
    }

    private sealed class Steps(ConsoleProgress progress) : IProgress<CollectionProgress>
    {
        public void Report(CollectionProgress value) => progress.Report(new BackupProgress(
            value.Phase switch
            {
                CollectionPhase.Blobs => "Looking for blobs that nothing needs",
                CollectionPhase.Content => "Deleting their content",
                CollectionPhase.Uploads => "Giving up uploads",
                _ => "Looking for files that no row names",
            },
            value.Done,
            value.Total,
            value.SoFar.Bytes));
    }
}
