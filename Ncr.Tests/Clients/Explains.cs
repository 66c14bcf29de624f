using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>What the person at the client must be able to read when something is refused. All wording that tests expect is here.</summary>
internal static class Explains
{
    public static void WrongPassword(CliResult result) => All(result, "access key");

    /// <summary>For clients that show only the status of the answer to a login.</summary>
    public static void WrongPasswordBriefly(CliResult result) =>
        Any(result, "access key", "unauthorized", "authentication required", "invalid username/password");

    public static void DeletedKey(CliResult result) => Any(result, "access key", "unauthorized", "denied");

    public static void NotLoggedIn(CliResult result) =>
        Any(result, "no basic auth credentials", "unauthorized", "denied", "authentication required", "credential");

    public static void UnknownRegistry(CliResult result) => All(result, "nosuch", "registry");

    /// <summary>For clients that show only the status of the answer.</summary>
    public static void UnknownRegistryBriefly(CliResult result) => Any(result, "registry", "404");

    public static void UnknownTag(CliResult result) => Any(result, "not found", "manifest unknown", "unknown");

    /// <summary>A name that docker lets pass and that has no registry in front.</summary>
    public static void NameWithoutRegistry(CliResult result) => All(result, "registry", "name");

    /// <summary>A name that docker itself refuses.</summary>
    public static void NameOutOfGrammar(CliResult result) => All(result, "lowercase");

    public static void MayNotPull(CliResult result) => All(result, "lacks the permission", "administrator");

    /// <summary>For clients that show only the status of the answer.</summary>
    public static void MayNotPullBriefly(CliResult result) => Any(result, "lacks the permission", "403", "forbidden");

    private static void All(CliResult result, params string[] words)
    {
        foreach (var word in words)
        {
            Assert.True(Says(result, word), $"The client should have read '{word}'.\n{result}");
        }

        AtOnce(result);
    }

    private static void Any(CliResult result, params string[] words)
    {
        Assert.True(words.Any(w => Says(result, w)), $"The client should have read one of: {string.Join(", ", words)}.\n{result}");
        AtOnce(result);
    }

    // The error stream alone: what docker prints before a refusal repeats the name it was given.
    private static bool Says(CliResult result, string word) => result.Error.Contains(word, StringComparison.OrdinalIgnoreCase);

    // A code that docker does not take for final, or one with the standard's own message and no detail, makes it try again for
    // most of a minute.
    private static void AtOnce(CliResult result) => Assert.DoesNotContain("Retrying in", result.Out, StringComparison.Ordinal);
}
