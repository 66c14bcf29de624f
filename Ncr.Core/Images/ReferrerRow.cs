namespace Ncr.Core.Images;

/// <summary>An artifact that is about another one.</summary>
/// <param name="Size">Bytes of its manifest.</param>
/// <param name="Annotations">A JSON object; null when it has none.</param>
public sealed record ReferrerRow(string Digest, string MediaType, int Size, string? ArtifactType, string? Annotations);
