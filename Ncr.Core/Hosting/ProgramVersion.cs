using System.Reflection;
using System.Runtime.InteropServices;
using Ncr.Core.Backups;

namespace Ncr.Core.Hosting;

/// <summary>Which program this is, and on what it runs.</summary>
/// <param name="Commit">What it was built from; null when the build did not know.</param>
/// <param name="Schema">The newest change to the database's layout that it knows.</param>
public sealed record ProgramVersion(string Version, string? Commit, string Runtime, string OperatingSystem, string Schema)
{
    public static ProgramVersion Current { get; } = Find();

    private static ProgramVersion Find()
    {
        // The SDK puts the commit behind a plus sign.
        var text = typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', 2);
        return new ProgramVersion(text[0], text.ElementAtOrDefault(1), RuntimeInformation.FrameworkDescription, $"{RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})", DatabaseFile.KnownMigrations[^1]);
    }
}
