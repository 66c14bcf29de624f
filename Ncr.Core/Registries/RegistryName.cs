using System.Text.RegularExpressions;

namespace Ncr.Core.Registries;

/// <summary>The grammar of a registry's name: one part of an OCI repository name, so that every client can address it.</summary>
public static partial class RegistryName
{
    /// <summary>Leaves room for a host and an image in the 255 characters of a whole name.</summary>
    public const int MaxLength = 128;

    public const string Rule =
        "Lower-case letters and digits, with single '.', '_', '__' or any number of '-' between them; at most 128 characters.";

    public static bool IsValid(string? name) => Explain(name) is null;

    /// <summary>What is wrong with a name, in words for the person typing it; null when nothing is.</summary>
    public static string? Explain(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "Enter a name.";
        }

        if (name.Length > MaxLength)
        {
            return $"The name has {name.Length} characters; at most {MaxLength} are allowed.";
        }

        if (Grammar().IsMatch(name))
        {
            return null;
        }

        if (name.Any(char.IsAsciiLetterUpper))
        {
            return "Use lower-case letters: docker refuses capitals in names.";
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('.' or '_' or '-'))
            {
                return c == ' ' ? "Spaces are not allowed." : $"'{c}' is not allowed: use lower-case letters, digits, '.', '_' and '-'.";
            }
        }

        return !char.IsAsciiLetterOrDigit(name[0]) ? "Start with a letter or a digit."
            : !char.IsAsciiLetterOrDigit(name[^1]) ? "End with a letter or a digit."
            : "Between letters and digits only a single '.', one or two '_', or '-' may stand.";
    }

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
