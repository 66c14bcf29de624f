using System.Text;
using Ncr.Core.Images;

namespace Ncr.Tests.Images;

public sealed class ArtifactTypesTests
{
    private const string OciConfig = "application/vnd.oci.image.config.v1+json";
    private const string OciLayer = "application/vnd.oci.image.layer.v1.tar+gzip";
    private const string Empty = "application/vnd.oci.empty.v1+json";

    [Theory]
    [InlineData(null, OciConfig, OciLayer, ArtifactType.Image)]
    [InlineData(null, "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip", ArtifactType.Image)]
    [InlineData(null, "application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", ArtifactType.HelmChart)]
    [InlineData(null, OciConfig, "application/vnd.dev.cosign.simplesigning.v1+json", ArtifactType.Signature)]
    [InlineData("application/vnd.dev.sigstore.bundle.v0.3+json", Empty, "application/vnd.dev.sigstore.bundle.v0.3+json", ArtifactType.Signature)]
    [InlineData("application/vnd.cncf.notary.signature", Empty, "application/jose+json", ArtifactType.Signature)]
    [InlineData("application/spdx+json", Empty, "application/spdx+json", ArtifactType.Sbom)]
    [InlineData(null, "application/vnd.oci.empty.v1+json", "application/vnd.cyclonedx+json", ArtifactType.Sbom)]
    [InlineData(null, OciConfig, "application/vnd.in-toto+json", ArtifactType.Attestation)]
    [InlineData(null, OciConfig, "application/vnd.dsse.envelope.v1+json", ArtifactType.Attestation)]
    [InlineData("application/vnd.acme.rocket", Empty, "text/plain", ArtifactType.Other)]
    [InlineData(null, "application/vnd.acme.config+json", OciLayer, ArtifactType.Other)]
    public void Recognise_ByTheTypesItsMakerUsed(string? artifactType, string config, string layer, ArtifactType expected) =>
        Assert.Equal(expected, ArtifactTypes.Recognise(Parse(artifactType, config, layer)));

    [Fact]
    public void Recognise_ASigstoreBundleWithAnotherPredicate_IsAnAttestation() =>
        Assert.Equal(
            ArtifactType.Attestation,
            ArtifactTypes.Recognise(Parse("application/vnd.dev.sigstore.bundle.v0.3+json", Empty, "application/vnd.dev.sigstore.bundle.v0.3+json", """{"dev.sigstore.bundle.predicateType":"https://slsa.dev/provenance/v1"}""")));

    [Fact]
    public void Recognise_AnIndex_IsAnIndex() =>
        Assert.Equal(ArtifactType.Index, ArtifactTypes.Recognise(ManifestDocument.Parse("""{"schemaVersion":2,"manifests":[]}"""u8.ToArray(), null)));

    private static ManifestDocument Parse(string? artifactType, string config, string layer, string annotations = "{}")
    {
        var digest = $"sha256:{new string('a', 64)}";
        var type = artifactType is null ? "" : $"\"artifactType\":\"{artifactType}\",";
        return ManifestDocument.Parse(
            Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,{{type}}"config":{"mediaType":"{{config}}","digest":"{{digest}}","size":2},"layers":[{"mediaType":"{{layer}}","digest":"{{digest}}","size":2}],"annotations":{{annotations}}}"""),
            MediaTypes.OciManifest);
    }
}
