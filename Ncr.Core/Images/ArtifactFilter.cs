using Ncr.Core.Data;

namespace Ncr.Core.Images;

/// <summary>Which artifacts of an image are wanted.</summary>
/// <param name="Type">Of one type; null for any.</param>
/// <param name="IsTagged">Tagged, or not; null for both.</param>
/// <param name="WithParts">Also those that are shown under another: children of an index, accessories.</param>
public sealed record ArtifactFilter(ArtifactType? Type = null, bool? IsTagged = null, bool WithParts = false)
{
    private const char Separator = ',';
    private const string Tagged = "tagged";
    private const string Untagged = "untagged";
    private const string Parts = "parts";

    /// <summary>Words that mean nothing are passed over: they come from an address.</summary>
    public static ArtifactFilter Parse(string? text)
    {
        var filter = new ArtifactFilter();
        foreach (var word in (text ?? "").Split(Separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            filter = word switch
            {
                Tagged => filter with { IsTagged = true },
                Untagged => filter with { IsTagged = false },
                Parts => filter with { WithParts = true },
                _ when Enum.TryParse<ArtifactType>(word, ignoreCase: true, out var type) && Enum.IsDefined(type) => filter with { Type = type },
                _ => filter,
            };
        }

        return filter;
    }

    /// <summary>As <see cref="Parse"/> reads it; null when everything is wanted.</summary>
    public override string? ToString()
    {
        string?[] words = [Type?.ToString().ToLowerInvariant(), IsTagged is { } tagged ? (tagged ? Tagged : Untagged) : null, WithParts ? Parts : null];
        var text = string.Join(Separator, words.Where(w => w is not null));
        return text.Length == 0 ? null : text;
    }

    /// <param name="withoutSearch">Who searches finds parts, too.</param>
    internal IQueryable<Artifact> Apply(NcrDbContext db, IQueryable<Artifact> query, bool withoutSearch)
    {
        if (Type is { } type)
        {
            query = query.Where(a => a.Type == type);
        }

        if (IsTagged is { } isTagged)
        {
            query = query.Where(a => db.Tags.Any(t => t.ArtifactId == a.Id) == isTagged);
        }

        var isPartType = Type is ArtifactType.Signature or ArtifactType.Sbom or ArtifactType.Attestation;
        return WithParts || isPartType || !withoutSearch
            ? query
            : query.Where(a => (a.AccessoryOf == null || !db.Artifacts.Any(s => s.ImageId == a.ImageId && s.Digest == a.AccessoryOf))
                && (db.Tags.Any(t => t.ArtifactId == a.Id) || !db.ArtifactChildren.Any(c => c.ImageId == a.ImageId && c.Digest == a.Digest)));
    }
}
