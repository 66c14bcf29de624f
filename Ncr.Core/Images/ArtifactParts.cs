namespace Ncr.Core.Images;

/// <summary>What belongs to an artifact: the children of an index that are there, by digest, and what is about it (signatures, SBOMs), the latest first.</summary>
public sealed record ArtifactParts(IReadOnlyDictionary<string, ArtifactRow> Children, IReadOnlyList<ArtifactRow> Attachments)
{
    /// <summary>More attachments than this are not listed.</summary>
    public const int MaxAttachments = 50;

    public static ArtifactParts None { get; } = new(new Dictionary<string, ArtifactRow>(), []);
}
