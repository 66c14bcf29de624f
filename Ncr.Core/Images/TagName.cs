using System.Text.RegularExpressions;

namespace Ncr.Core.Images;

/// <summary>The grammar of a tag (distribution-spec, "Pulling manifests").</summary>
public static partial class TagName
{
    public const int MaxLength = 128;

    public const string Rule = "A tag has letters, digits, '_', '.' and '-', starts with a letter, a digit or '_', and has at most 128 characters.";

    public static bool IsValid(string? tag) => tag is not null && Grammar().IsMatch(tag);

    [GeneratedRegex(@"^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
