namespace Ncr.Core.Blobs.Integrity;

/// <summary>What reading a piece of content back showed.</summary>
public enum ContentState
{
    /// <summary>As long as it should be and, when it was read, of the right digest.</summary>
    Whole,

    /// <summary>There is nothing at its location.</summary>
    Missing,

    /// <summary>It has another length than it was stored with.</summary>
    WrongLength,

    /// <summary>Its bytes are not the ones that were stored.</summary>
    WrongDigest,

    /// <summary>The disk or the file's rights keep it from being read.</summary>
    Unreadable,
}
