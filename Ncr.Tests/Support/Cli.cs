using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ncr.Tests.Support;

/// <summary>What a finished process said.</summary>
public sealed record CliResult(string Command, int ExitCode, byte[] OutBytes, string Error)
{
    public string Out => Encoding.UTF8.GetString(OutBytes);

    /// <summary>Both streams, since clients differ in where they put a message.</summary>
    public string All => Out + Error;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Command}\nexit code {ExitCode}\n--- stdout\n{Out}\n--- stderr\n{Error}");
}

/// <summary>A program with the environment and folder it runs in; each call is one process.</summary>
public sealed record Cli(string Program)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Added to this process's own environment; null takes a variable away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Put before the arguments of every call.</summary>
    public IReadOnlyList<string> CommonArguments { get; init; } = [];

    /// <summary>Text the program reads from its standard input, which is closed after it.</summary>
    public string Input { get; init; } = "";

    public Cli In(string folder) => this with { WorkingDirectory = folder };

    public Cli WithInput(string text) => this with { Input = text };

    public Cli With(string variable, string? value) => this with { Environment = new Dictionary<string, string?>(Environment) { [variable] = value } };

    /// <summary>Runs it and requires success.</summary>
    public async Task<CliResult> RunAsync(params string[] arguments)
    {
        var result = await TryAsync(arguments);
        return result.ExitCode == 0 ? result : throw new InvalidOperationException($"Expected exit code 0.\n{result}");
    }

    /// <summary>Runs it and requires that it refuses.</summary>
    public async Task<CliResult> FailAsync(params string[] arguments)
    {
        var result = await TryAsync(arguments);
        return result.ExitCode != 0 ? result : throw new InvalidOperationException($"Expected a failure.\n{result}");
    }

    /// <summary>Runs it; any exit code will do.</summary>
    public async Task<CliResult> TryAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, [.. CommonArguments, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = WorkingDirectory ?? "",
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        var command = string.Join(' ', [Program, .. CommonArguments, .. arguments]);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"Cannot start {Program}.");
        using var output = new MemoryStream();
        using var timeout = new CancellationTokenSource(Limit);
        var stdout = process.StandardOutput.BaseStream.CopyToAsync(output, timeout.Token);
        var stderr = process.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            await WriteInputAsync(process);
            await process.WaitForExitAsync(timeout.Token);
            await stdout;
            return new CliResult(command, process.ExitCode, output.ToArray(), await stderr);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"Not done after {Limit.TotalMinutes} minutes: {command}\n{Encoding.UTF8.GetString(output.ToArray())}");
        }
    }

    private async Task WriteInputAsync(Process process)
    {
        try
        {
            await process.StandardInput.WriteAsync(Input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code says what matters.
        }
    }
}
