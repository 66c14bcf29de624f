namespace Ncr.Core.Search;

/// <summary>What a search can find.</summary>
public enum SearchKind
{
    Registry,
    Image,
    Tag,

    /// <summary>An artifact, by the start of its digest.</summary>
    Digest,

    /// <summary>An artifact, by a label of its config or an annotation of its manifest.</summary>
    Label,
}
