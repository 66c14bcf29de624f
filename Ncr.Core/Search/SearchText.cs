using Ncr.Core.Images;

namespace Ncr.Core.Search;

/// <summary>What somebody typed or pasted, taken apart: <c>web</c>, <c>team/web:1.2</c>, <c>https://host/team/web@sha256:…</c>, <c>maintainer=anna</c>, <c>3fa9c2</c>.</summary>
internal sealed record SearchText
{
    public const int MaxLength = 300;

    /// <summary>Fewer digits would find half of all there is.</summary>
    public const int MinDigits = 4;

    private static readonly string[] Schemes = ["https://", "http://", "oci://", "docker://"];

    /// <summary>The text itself.</summary>
    public required string Whole { get; init; }

    /// <summary>What a registry's or an image's name may hold: the text, and what is left of it without what looks like a host.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Part of a tag's name, or its start where that is too short for a part or an image is named; null when the text can be none.</summary>
    public string? Tag { get; init; }

    /// <summary>The images whose tags are meant, or the ends of their names; empty for all.</summary>
    public IReadOnlyList<string> TagImages { get; init; } = [];

    /// <summary>Start of a digest with its algorithm; null when the text can be none.</summary>
    public string? Digest { get; init; }

    /// <summary>A label's whole name, when the text is <c>name=value</c>; else null.</summary>
    public string? LabelName { get; init; }

    /// <summary>The start of the label's value then; else null.</summary>
    public string? LabelValue { get; init; }

    /// <summary>Null when there is nothing to search for.</summary>
    public static SearchText? Parse(string? text)
    {
        var whole = text?.Trim() ?? "";
        if (whole.Length is 0 or > MaxLength)
        {
            return null;
        }

        var address = whole;
        if (Array.Find(Schemes, s => address.StartsWith(s, StringComparison.OrdinalIgnoreCase)) is { } scheme)
        {
            address = address[scheme.Length..].Trim('/');
        }

        var at = address.IndexOf('@', StringComparison.Ordinal);
        var digest = FindDigest(at < 0 ? whole : address[(at + 1)..]);
        var name = at > 0 && digest is not null ? address[..at] : address;
        var colon = name.LastIndexOf(':');
        var hasTag = colon > 0 && colon > name.LastIndexOf('/') && digest is null;
        var tag = hasTag ? name[(colon + 1)..] : name;
        var image = hasTag ? name[..colon] : name;
        var equals = whole.IndexOf('=', StringComparison.Ordinal);
        return new SearchText
        {
            Whole = whole,
            Names = WithAndWithoutHost(digest is null || at > 0 ? image : whole),
            Tag = (hasTag || tag.Length > 0) && TagNames.CanHold(tag) ? tag : null,
            TagImages = hasTag ? WithAndWithoutHost(image) : [],
            Digest = digest,
            LabelName = equals > 0 ? whole[..equals].Trim() : null,
            LabelValue = equals > 0 ? whole[(equals + 1)..].Trim() : null,
        };
    }

    private static string? FindDigest(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (algorithm, hex) = colon < 0 ? ("sha256", text) : (text[..colon], text[(colon + 1)..]);
        return algorithm is "sha256" or "sha512" && hex.Length >= MinDigits && hex.All(char.IsAsciiHexDigit) ? $"{algorithm}:{hex.ToLowerInvariant()}" : null;
    }

    private static IReadOnlyList<string> WithAndWithoutHost(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        return first.Contains(':', StringComparison.Ordinal) || first == "localhost" ? [name[(slash + 1)..]]
            : first.Contains('.', StringComparison.Ordinal) ? [name, name[(slash + 1)..]]
            : [name];
    }
}
