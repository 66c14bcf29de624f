using System.Diagnostics;
using System.Text.Json;
using Ncr.Web.Commands;

namespace Ncr.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("serve", "--urls")]
    [InlineData("backup", "TARGET")]
    [InlineData("restore", "--force")]
    [InlineData("verify", "BACKUP")]
    [InlineData("collect", "--dry-run")]
    [InlineData("reset-password", "USER")]
    [InlineData("version", "--json")]
    public async Task Help_OfACommand_ExplainsItWithAnExample(string command, string word)
    {
        var help = await NcrCli.Create().RunAsync(command, "--help");

        Assert.Contains("Description:", help.Out, StringComparison.Ordinal);
        Assert.Contains(word, help.Out, StringComparison.Ordinal);
        Assert.Matches($"Examples?:\\n  dotnet Ncr.Web.dll", help.Out);
        Assert.Contains("Exit codes:", help.Out, StringComparison.Ordinal);
        Assert.Contains($" {command}", help.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_OfTheProgram_ListsEveryCommand()
    {
        var help = await NcrCli.Create().RunAsync("--help");

        Assert.All(NcrProgram.Create([]).Subcommands, c => Assert.Contains($"\n  {c.Name} ", help.Out, StringComparison.Ordinal));
    }

    [Fact]
    public void Docs_ExplainEveryCommandAndOption()
    {
        var docs = File.ReadAllText(Path.Combine(FindRoot(), "docs", "commands.md"));

        foreach (var command in NcrProgram.Create([]).Subcommands)
        {
            Assert.Contains($"`{command.Name}", docs, StringComparison.Ordinal);
            Assert.All(command.Options, o => Assert.Contains(o.Name, docs, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("bakcup /x", "'bakcup' is no command. There are: serve, backup")]
    [InlineData("backup", "argument missing")]
    [InlineData("backup /x --forse", "'--forse'")]
    [InlineData("--urls http://127.0.0.1:1 backup /x", "The command comes first")]
    [InlineData("--data /x verify", "The command comes first")]
    public async Task WrongUse_IsExplained_WithExitCode2(string line, string words)
    {
        var result = await NcrCli.Create().FailAsync(line.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
    }

    [Fact]
    public async Task Failure_AsJson_IsOneDocumentAndALine()
    {
        var result = await NcrCli.On("/nowhere/data").FailAsync("verify", "--json");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no database of NCR in '/nowhere/data'", JsonDocument.Parse(result.Out).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("--data", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_GivenToACommand_AreCheckedAsTheServers()
    {
        var result = await NcrCli.Create().FailAsync("verify", "--Ncr:Colour=red", "--Ncr:TokenLifetime", "soon");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("2 faults", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_AsJson_SaysWhatRuns()
    {
        var version = JsonDocument.Parse((await NcrCli.Create().RunAsync("version", "--json")).Out).RootElement;

        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+$", version.GetProperty("version").GetString());
        Assert.StartsWith(".NET 10", version.GetProperty("runtime").GetString(), StringComparison.Ordinal);
        Assert.Matches("^[0-9]{14}_", version.GetProperty("schema").GetString());
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("serve", "")]
    [InlineData("--urls http://localhost:1 --Ncr:DataPath=/x", "--urls http://localhost:1 --Ncr:DataPath=/x")]
    [InlineData("serve --data /x --urls http://localhost:1", "--Ncr:DataPath /x --urls http://localhost:1")]
    [InlineData("--data=/x", "--Ncr:DataPath=/x")]
    [InlineData("/urls=http://localhost:1", "/urls=http://localhost:1")]
    [InlineData("urls=http://localhost:1", "urls=http://localhost:1")]
    public void Arguments_ForTheServer_GoToItAsTheyAre(string line, string expected)
    {
        var args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.True(Arguments.IsForServer(args));
        Assert.Null(Arguments.FindMisplacedCommand(args, ["backup", "serve"]));
        Assert.Equal(expected, string.Join(' ', Arguments.ForServer(args)));
    }

    [Fact]
    public async Task Serve_WithItsVerb_StartsAndStopsWhenAsked()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Ncr.Web.dll"), "serve", "--urls", "http://127.0.0.1:0", "--data", folder["data"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var server = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var output = "";
            while (!output.Contains("Data ", StringComparison.Ordinal))
            {
                output += await server.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException(output + await server.StandardError.ReadToEndAsync());
            }

            Assert.Contains(folder["data"], output, StringComparison.Ordinal);
            await new Support.Cli("sh").RunAsync("-c", $"kill -TERM {server.Id}");
            await server.WaitForExitAsync(patience.Token);
            Assert.Equal(0, server.ExitCode);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Ncr.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
