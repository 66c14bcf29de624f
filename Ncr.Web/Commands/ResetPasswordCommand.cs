using System.CommandLine;
using System.Text;
using Ncr.Core.Access;
using Ncr.Core.Errors;

namespace Ncr.Web.Commands;

/// <summary><c>reset-password USER</c>.</summary>
internal static class ResetPasswordCommand
{
    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(20);

    public static Command Create(CommonOptions common, string[] settings)
    {
        var user = new Argument<string>("USER") { Description = "The user's name in the console. The password is asked for twice, or read as one line when the input is no terminal; it never goes on the command line, which others can see." };
        var command = new Command(
            "reset-password",
            "Gives a user a new password and ends the user's sessions, beside a running server too.") { user };
        command.SetAction(CommandRun.Around(common, settings, (run, arguments, cancellationToken) => RunAsync(run, arguments.GetRequiredValue(user), cancellationToken)));
        ExampleHelp.Add(command, "reset-password admin --data /srv/ncr", "reset-password admin < password.txt");
        return command;
    }

    private static async Task<int> RunAsync(CommandRun run, string user, CancellationToken cancellationToken)
    {
        await using var host = CommandHost.Join(run.Settings);
        await host.RequireCurrentDatabaseAsync(cancellationToken);
        var passwords = host.Get<PasswordService>();
        var name = await passwords.GetNameAsync(user, cancellationToken);
        await passwords.ResetAsync(Actor.System, name, await AskAsync(name, cancellationToken), cancellationToken);
        await Console.Out.WriteLineAsync($"'{name}' has a new password; sessions with the old one end within seconds. Access keys stay as they are.");
        return ExitCodes.Good;
    }

    private static async Task<string> AskAsync(string user, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
        {
            return await Console.In.ReadLineAsync(cancellationToken) ?? throw new NcrException(NcrError.Invalid, "There is no password on the input.");
        }

        var first = await ReadHiddenAsync($"New password for {user}: ", cancellationToken);
        var second = await ReadHiddenAsync("Once more: ", cancellationToken);
        return first == second ? first : throw new NcrException(NcrError.Invalid, "The two are different; nothing was changed.");
    }

    private static async Task<string> ReadHiddenAsync(string prompt, CancellationToken cancellationToken)
    {
        await Console.Error.WriteAsync(prompt);
        var text = new StringBuilder();
        while (true)
        {
            while (!Console.KeyAvailable) // Waiting for a key can't be stopped.
            {
                await Task.Delay(KeyInterval, cancellationToken);
            }

            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
            {
                await Console.Error.WriteLineAsync();
                return text.ToString();
            }

            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }
    }
}
