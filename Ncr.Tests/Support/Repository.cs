namespace Ncr.Tests.Support;

/// <summary>The files that the tests compare the program with.</summary>
public static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Ncr.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
