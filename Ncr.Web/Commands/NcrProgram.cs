using System.CommandLine;

namespace Ncr.Web.Commands;

/// <summary>The command line. Without a command it serves.</summary>
public static class NcrProgram
{
    // Longer than any step that can't be stopped takes.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(string[] args)
    {
        var (settings, rest) = Arguments.Split(args);
        var root = Create(settings);
        if (Arguments.IsForServer(args))
        {
            return Arguments.FindMisplacedCommand(args, root.Subcommands.Select(c => c.Name)) is { } misplaced
                ? await ExplainAsync([$"The command comes first: {ExampleHelp.Program} {misplaced} …, and its options behind it."], root)
                : await ServeCommand.RunAsync(Arguments.ForServer(args));
        }

        if (rest is [var word, ..] && word.Length > 0 && char.IsAsciiLetterOrDigit(word[0]) && root.Subcommands.All(c => c.Name != word))
        {
            return await ExplainAsync([$"'{word}' is no command. There are: {string.Join(", ", root.Subcommands.Select(c => c.Name))}."], root);
        }

        var result = root.Parse(rest, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        return result.Errors.Count > 0 && result.Action is not ExampleHelp
            ? await ExplainAsync(result.Errors.Select(e => e.Message), result.CommandResult.Command)
            : await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = StopLimit, EnableDefaultExceptionHandler = false });
    }

    internal static RootCommand Create(string[] settings)
    {
        var common = new CommonOptions();
        var root = new RootCommand("NCR, a container registry. Without a command it serves.")
        {
            ServeCommand.Create(),
            BackupCommand.Create(common, settings),
            RestoreCommand.Create(common, settings),
            VerifyCommand.Create(common, settings),
            CollectCommand.Create(common, settings),
            ResetPasswordCommand.Create(common, settings),
            VersionCommand.Create(common),
        };
        root.Options.Add(common.Data);
        ExampleHelp.Apply(root);
        return root;
    }

    private static async Task<int> ExplainAsync(IEnumerable<string> faults, Command command)
    {
        foreach (var fault in faults)
        {
            await Console.Error.WriteLineAsync(fault);
        }

        var name = command is RootCommand ? "" : $" {command.Name}";
        await Console.Error.WriteLineAsync($"See {ExampleHelp.Program}{name} --help");
        return ExitCodes.Usage;
    }
}
