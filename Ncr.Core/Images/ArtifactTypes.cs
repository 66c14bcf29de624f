namespace Ncr.Core.Images;

/// <summary>Recognises what an artifact is by the media types its makers use.</summary>
internal static class ArtifactTypes
{
    private const string CosignSignPredicate = "https://sigstore.dev/cosign/sign/v1";
    private const string PredicateTypeAnnotation = "dev.sigstore.bundle.predicateType";

    public static ArtifactType Recognise(ManifestDocument manifest)
    {
        if (Classify(manifest.ArtifactType, manifest) is { } byType)
        {
            return byType;
        }

        if (manifest.IsIndex)
        {
            return ArtifactType.Index;
        }

        if (Classify(manifest.Config?.MediaType, manifest) is { } byConfig)
        {
            return byConfig;
        }

        // cosign's older form and build attestations: an image by its config, something else by its layers.
        if (manifest.Layers is [var first, ..] && Classify(first.MediaType, manifest) is { } byLayer)
        {
            return byLayer;
        }

        return manifest.ArtifactType is null && MediaTypes.IsImageConfig(manifest.Config?.MediaType) ? ArtifactType.Image : ArtifactType.Other;
    }

    private static ArtifactType? Classify(string? mediaType, ManifestDocument manifest) => mediaType switch
    {
        null => null,
        MediaTypes.HelmConfig => ArtifactType.HelmChart,
        "application/vnd.dev.cosign.artifact.sig.v1+json" or "application/vnd.dev.cosign.simplesigning.v1+json" or "application/vnd.cncf.notary.signature" => ArtifactType.Signature,
        "application/vnd.dev.cosign.artifact.sbom.v1+json" => ArtifactType.Sbom,
        "application/vnd.dev.cosign.artifact.att.v1+json" or "application/vnd.in-toto+json" or "application/vnd.dsse.envelope.v1+json" => ArtifactType.Attestation,
        _ when mediaType.StartsWith("application/vnd.dev.sigstore.bundle", StringComparison.Ordinal) =>
            manifest.Annotations.TryGetValue(PredicateTypeAnnotation, out var predicate) && predicate != CosignSignPredicate ? ArtifactType.Attestation : ArtifactType.Signature,
        _ when mediaType.Contains("spdx", StringComparison.OrdinalIgnoreCase)
            || mediaType.Contains("cyclonedx", StringComparison.OrdinalIgnoreCase)
            || mediaType.Contains("syft", StringComparison.OrdinalIgnoreCase) => ArtifactType.Sbom,
        _ => null,
    };
}
