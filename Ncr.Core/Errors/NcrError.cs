namespace Ncr.Core.Errors;

/// <summary>Why something was refused. Each host has one table from these to its own words (status codes, snackbar colours).</summary>
public enum NcrError
{
    /// <summary>The request itself is wrong: a name, a setting, a value out of range.</summary>
    Invalid,

    /// <summary>What was asked for does not exist.</summary>
    NotFound,

    /// <summary>It exists already, or its state does not allow this now.</summary>
    Conflict,

    /// <summary>Nobody, or nobody known, is asking.</summary>
    Unauthenticated,

    /// <summary>Who is asking may not do this.</summary>
    Denied,

    /// <summary>Too many attempts; later it will work again.</summary>
    TooManyRequests,

    /// <summary>The registry (first part of the name) does not exist.</summary>
    RegistryUnknown,

    /// <summary>The image does not exist.</summary>
    ImageUnknown,

    /// <summary>The name of an image or registry breaks the grammar.</summary>
    NameInvalid,

    /// <summary>A tag breaks the grammar.</summary>
    TagInvalid,

    /// <summary>The digest is malformed or does not fit the content.</summary>
    DigestInvalid,

    /// <summary>The artifact does not exist in this image.</summary>
    ManifestUnknown,

    /// <summary>The manifest is broken, contradictory or of a type that is not accepted.</summary>
    ManifestInvalid,

    /// <summary>The manifest names blobs or manifests that are not in this image.</summary>
    ManifestBlobUnknown,

    /// <summary>The manifest, or another body, is larger than allowed.</summary>
    TooLarge,

    /// <summary>The blob is not linked to this image.</summary>
    BlobUnknown,

    /// <summary>The upload session does not exist (any more).</summary>
    UploadUnknown,

    /// <summary>The upload can't go on as asked.</summary>
    UploadInvalid,

    /// <summary>A chunk does not start where the upload stands.</summary>
    UploadRangeInvalid,

    /// <summary>The length announced differs from the bytes that came.</summary>
    SizeInvalid,

    /// <summary>It is in use by something else, which has to go first.</summary>
    InUse,

    /// <summary>The disk is full.</summary>
    StorageFull,

    /// <summary>The storage can't be used now; later it may work again without a restart.</summary>
    Unavailable,

    /// <summary>The database is damaged; waiting does not help.</summary>
    StorageDamaged,
}
