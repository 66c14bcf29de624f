using System.CommandLine;
using Ncr.Core.Hosting;
using Ncr.Web.Hosting;

namespace Ncr.Web.Commands;

/// <summary><c>serve</c>: the server, also without the verb. Its arguments go to the configuration as they are.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    /// <summary>For the help; <see cref="RunAsync"/> gets the arguments unparsed.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Runs the server, which is what happens without a command too.")
        {
            new Option<string>("--urls") { Description = "What to listen on, several with semicolons.", HelpName = "URLS" },
        };
        command.SetAction((_, _) => RunAsync([]));
        ExampleHelp.Add(command, "", "serve --urls http://0.0.0.0:5080 --data /srv/ncr");
        return command;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var server = await NcrServerHost.StartAsync(args);
            await server.WaitForShutdownAsync();
            return ExitCodes.Good;
        }
        catch (StartupException exception)
        {
            await Console.Error.WriteLineAsync($"NCR can't start. {exception.Message}");
            return ExitCodes.Failed;
        }
    }
}
