using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Ncr.Core.Blobs;

namespace Ncr.Core.Images;

/// <summary>Tags that name what their artifact belongs to: cosign's <c>sha256-….sig</c>, and the referrers tag of clients that know no referrers API (distribution-spec, "Referrers Tag Schema").</summary>
internal static partial class AccessoryTag
{
    /// <summary>How all of them begin.</summary>
    public const string Start = "sha256-";

    /// <summary>What comes after all of them, in the order of bytes.</summary>
    private const string End = "sha256.";

    /// <summary>The length of those without an ending.</summary>
    private const int MinLength = 71;

    /// <summary>Those that look like one, for queries.</summary>
    public static Expression<Func<Tag, bool>> Like { get; } = t => string.Compare(t.Name, Start) >= 0 && string.Compare(t.Name, End) < 0 && t.Name.Length >= MinLength;

    /// <summary>All others.</summary>
    public static Expression<Func<Tag, bool>> Unlike { get; } = t => string.Compare(t.Name, Start) < 0 || string.Compare(t.Name, End) >= 0 || t.Name.Length < MinLength;

    public static bool TryParse(string tag, [NotNullWhen(true)] out Digest? subject)
    {
        subject = Pattern().Match(tag) is { Success: true } match ? Digest.Parse($"sha256:{match.Groups[1].ValueSpan}") : null;
        return subject is not null;
    }

    [GeneratedRegex(@"^sha256-([0-9a-f]{64})(\.[a-z]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
