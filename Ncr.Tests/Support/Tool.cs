namespace Ncr.Tests.Support;

/// <summary>The real clients on this machine: on PATH, or where <c>.ci/tools.sh</c> unpacked them.</summary>
public static class Tool
{
    // They mount and make namespaces.
    private static readonly HashSet<string> NeedRoot = ["dockerd", "podman", "buildah", "mount", "ip"];

    private static readonly string[] Folders = FindFolders();

    /// <summary>The whole path of a tool; throws when it is missing.</summary>
    public static string Require(string name) =>
        Missing(name) is { } reason ? throw new InvalidOperationException($"{reason} Run .ci/tools.sh to install it.") : Find(name)!;

    /// <summary>Why the tool cannot be used here; null when it can.</summary>
    public static string? Missing(string name)
    {
        if (Find(name) is null)
        {
            return $"The client '{name}' is not on this machine.";
        }

        return NeedRoot.Contains(name) && !System.Environment.IsPrivilegedProcess ? $"The client '{name}' needs root." : null;
    }

    /// <summary>Why a test with these tools is skipped; null when it runs. In CI it runs, and fails on what is missing.</summary>
    public static string? SkipReason(IEnumerable<string> names)
    {
        if (System.Environment.GetEnvironmentVariable("CI") == "true")
        {
            return null;
        }

        var reasons = names.Select(Missing).OfType<string>().ToArray();
        return reasons.Length == 0 ? null : string.Join(' ', reasons) + " .ci/tools.sh installs it.";
    }

    private static string? Find(string name) => Folders.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);

    private static string[] FindFolders()
    {
        var unpacked = System.Environment.GetEnvironmentVariable("NCR_TOOLS");
        if (string.IsNullOrEmpty(unpacked))
        {
            unpacked = Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".cache", "ncr-tools");
        }

        // Daemons live in sbin, which is not on every PATH.
        var path = System.Environment.GetEnvironmentVariable("PATH") ?? "";
        return [.. path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), "/usr/sbin", "/sbin", Path.Combine(unpacked, "bin")];
    }
}

/// <summary>A fact that drives the named clients.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools)
    {
        Tools = tools;
        Skip = Tool.SkipReason(tools);
    }

    public IReadOnlyList<string> Tools { get; }
}

/// <summary>A theory that drives the named clients.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] tools)
    {
        Tools = tools;
        Skip = Tool.SkipReason(tools);
    }

    public IReadOnlyList<string> Tools { get; }
}
