namespace Ncr.Core.Blobs.Integrity;

/// <summary>A blob whose content is lost or wrong.</summary>
/// <param name="Size">Bytes it should have.</param>
/// <param name="Damage">What is wrong, for a person.</param>
/// <param name="ArtifactCount">Artifacts, in all images, that name it.</param>
public sealed record DamagedBlobRow(string Digest, long Size, DateTime DamagedAt, string Damage, int ArtifactCount);
