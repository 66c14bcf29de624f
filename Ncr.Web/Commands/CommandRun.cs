using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Web.Commands;

/// <summary>What every command does around its work: settings, results as words or JSON, failures as one line.</summary>
internal sealed class CommandRun(ParseResult arguments, CommonOptions common, string[] settings)
{
    private static readonly JsonSerializerOptions JsonFormat = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // For people and jq, not for a page.
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>For the configuration; what was given as <c>--data</c> wins.</summary>
    public string[] Settings => arguments.GetValue(common.Data) is { } data ? [.. settings, $"--Ncr:DataPath={data}"] : settings;

    private bool IsJson => arguments.CommandResult.Command.Options.Contains(common.Json) && arguments.GetValue(common.Json);

    /// <summary>The result: as JSON when that was asked for, else in words.</summary>
    public void Write<T>(T result, Action<TextWriter> inWords)
    {
        if (IsJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(result, JsonFormat));
        }
        else
        {
            inWords(Console.Out);
        }
    }

    public static Func<ParseResult, CancellationToken, Task<int>> Around(CommonOptions common, string[] settings, Func<CommandRun, ParseResult, CancellationToken, Task<int>> work) =>
        (arguments, cancellationToken) => new CommandRun(arguments, common, settings).RunAsync(work, cancellationToken);

    private async Task<int> RunAsync(Func<CommandRun, ParseResult, CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(this, arguments, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Fail("Stopped before the end.");
        }
        catch (Exception exception) when (exception is NcrException or StartupException or IOException or UnauthorizedAccessException)
        {
            return Fail(exception.Message);
        }
    }

    /// <summary>Says so, as JSON too when that was asked for.</summary>
    public int Fail(string message)
    {
        Console.Error.WriteLine(message);
        if (IsJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new { error = message }, JsonFormat));
        }

        return ExitCodes.Failed;
    }
}
