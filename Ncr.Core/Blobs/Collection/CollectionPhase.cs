namespace Ncr.Core.Blobs.Collection;

/// <summary>What a collection is at.</summary>
public enum CollectionPhase
{
    /// <summary>Taking away blobs that nothing needs.</summary>
    Blobs,

    /// <summary>Deleting their content.</summary>
    Content,

    /// <summary>Giving up uploads that nobody goes on with.</summary>
    Uploads,

    /// <summary>Looking for files that no row names.</summary>
    Orphans,
}
