using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Ncr.Web.Commands;

/// <summary>The usual help, with examples below it.</summary>
internal sealed class ExampleHelp(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>As the program is called in examples.</summary>
    public const string Program = "dotnet Ncr.Web.dll";

    private static readonly ConditionalWeakTable<Command, string[]> Examples = [];

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (Examples.TryGetValue(parseResult.CommandResult.Command, out var examples))
        {
            output.WriteLine(examples.Length == 1 ? "Example:" : "Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {Program} {example}".TrimEnd());
            }

            output.WriteLine();
        }

        output.WriteLine("Exit codes: 0 done and good; 1 failed, stopped, or found damage; 2 used wrongly.");
        return code;
    }

    public static void Apply(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new ExampleHelp((HelpAction)help.Action!);
        }
    }

    /// <param name="examples">Each without the program's name.</param>
    public static void Add(Command command, params string[] examples) => Examples.Add(command, examples);
}
