using System.CommandLine;
using System.Data.Common;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;
using Ncr.Web.Hosting;

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

    private string DataPath => arguments.GetValue(common.Data) ?? NcrOptionsReader.Read(NcrServerHost.CreateBuilder(settings).Configuration).DataPath;

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
        catch (StartupException exception) when (exception.IsInUse)
        {
            return Refuse(exception.Message);
        }
        catch (NcrException exception) when (exception.Error == NcrError.Conflict)
        {
            return Refuse(exception.Message);
        }
        catch (Exception exception) when (exception is NcrException or StartupException or IOException or UnauthorizedAccessException)
        {
            return Fail(exception.Message);
        }
        catch (Exception exception) when (StorageFailure.Recognise(exception) is not null)
        {
            return Fail(StorageFailure.Explain(exception, DataPath));
        }
        catch (Exception exception) when (exception.GetBaseException() is DbException)
        {
            return Fail($"The database in '{DataPath}' refuses: {exception.GetBaseException().Message}");
        }
    }

    /// <summary>Says why the state of the service does not allow it.</summary>
    public int Refuse(string message)
    {
        Fail(message);
        return ExitCodes.Usage;
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
