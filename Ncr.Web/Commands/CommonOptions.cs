using System.CommandLine;

namespace Ncr.Web.Commands;

/// <summary>Options that several commands take.</summary>
internal sealed class CommonOptions
{
    public const string DataName = "--data";

    public Option<string> Data { get; } = new(DataName)
    {
        Description = "The server's data folder, as the setting Ncr:DataPath. Any setting may be given, as --Ncr:NAME=VALUE; the environment and appsettings.json count too.",
        HelpName = "PATH",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Writes the result as one JSON document." };
}
