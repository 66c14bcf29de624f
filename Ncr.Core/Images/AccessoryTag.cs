using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Ncr.Core.Blobs;

namespace Ncr.Core.Images;

/// <summary>Tags that name what their artifact belongs to: cosign's <c>sha256-….sig</c>, and the referrers tag of clients that know no referrers API (distribution-spec, "Referrers Tag Schema").</summary>
internal static partial class AccessoryTag
{
    /// <summary>How all of them begin.</summary>
    public const string Start = "sha256-";

    public static bool TryParse(string tag, [NotNullWhen(true)] out Digest? subject)
    {
        subject = Pattern().Match(tag) is { Success: true } match ? Digest.Parse($"sha256:{match.Groups[1].ValueSpan}") : null;
        return subject is not null;
    }

    [GeneratedRegex(@"^sha256-([0-9a-f]{64})(\.[a-z]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
