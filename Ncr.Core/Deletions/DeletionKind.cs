namespace Ncr.Core.Deletions;

/// <summary>What was deleted as a whole.</summary>
public enum DeletionKind
{
    Tag,

    /// <summary>An artifact with its tags, and with what served only it.</summary>
    Artifact,

    Image,

    Registry,
}
