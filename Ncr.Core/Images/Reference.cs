using System.Diagnostics.CodeAnalysis;
using Ncr.Core.Blobs;

namespace Ncr.Core.Images;

/// <summary>What a manifest is asked for by: its digest or a tag.</summary>
public readonly record struct Reference
{
    private Reference(string? tag, Digest digest)
    {
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The tag; null when this is a digest.</summary>
    public string? Tag { get; }

    /// <summary>The digest; only when <see cref="Tag"/> is null.</summary>
    public Digest Digest { get; }

    [MemberNotNullWhen(true, nameof(Tag))]
    public bool IsTag => Tag is not null;

    public static Reference To(Digest digest) => new(null, digest);

    public static bool TryParse([NotNullWhen(true)] string? text, out Reference reference)
    {
        if (Blobs.Digest.TryParse(text, out var digest))
        {
            reference = To(digest);
            return true;
        }

        reference = TagName.IsValid(text) ? new Reference(text, default) : default;
        return reference.IsTag;
    }

    public override string ToString() => Tag ?? Digest.ToString();
}
