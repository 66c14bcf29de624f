namespace Ncr.Core.Images;

/// <summary>What an artifact is, to a person.</summary>
public enum ArtifactType
{
    /// <summary>Anything that none of the others fits; its <c>artifactType</c> says more.</summary>
    Other,

    /// <summary>A container image for one platform.</summary>
    Image,

    /// <summary>An index (manifest list): a multi-platform image.</summary>
    Index,

    HelmChart,

    Signature,

    Sbom,

    Attestation,
}
