using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Ncr.Core.Registries;

namespace Ncr.Core.Images;

/// <summary>
/// The full name of an image: the registry it is in, a slash, and the image's own name, which may hold further slashes
/// (<c>team/web/api</c> is the image <c>web/api</c> in the registry <c>team</c>). In OCI words, the repository name.
/// </summary>
public readonly partial record struct ImageName
{
    /// <summary>Longest whole name, with the host and the slash after it (NCR's rule).</summary>
    public const int MaxLengthWithHost = 255;

    public const string Rule =
        "An image's name is made of parts between slashes; each part has lower-case letters and digits, with single '.', '_', '__' or any number of '-' between them.";

    private readonly string? _text;

    private ImageName(string text, int slash)
    {
        _text = text;
        Registry = text[..slash];
        Image = text[(slash + 1)..];
    }

    /// <summary>The registry's name: the first part.</summary>
    public string Registry { get; }

    /// <summary>The image's name within its registry.</summary>
    public string Image { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, out ImageName name)
    {
        name = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (text is null || slash <= 0 || text.Length > MaxLengthWithHost || !RegistryName.IsValid(text[..slash]) || !Path().IsMatch(text.AsSpan(slash + 1)))
        {
            return false;
        }

        name = new ImageName(text, slash);
        return true;
    }

    /// <exception cref="FormatException">The text is no image name.</exception>
    public static ImageName Parse(string text) => TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is no image name.");

    public override string ToString() => _text ?? "";

    // distribution-spec, "Pulling manifests": the grammar of <name>.
    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Path();
}
