using Ncr.Tests.Support;

namespace Ncr.Tests.Commands;

/// <summary>The built program as a process, as a person at a shell calls it.</summary>
internal static class NcrCli
{
    public static Cli Create() => new("dotnet")
    {
        CommonArguments = [Path.Combine(AppContext.BaseDirectory, "Ncr.Web.dll")],
        WorkingDirectory = Path.GetTempPath(),
    };

    /// <summary>On the data folder of a server.</summary>
    public static Cli On(NcrServer server) => Create().With("NCR__DATAPATH", server.DataFolder);

    /// <summary>On a folder.</summary>
    public static Cli On(string folder) => Create().With("NCR__DATAPATH", folder);
}
