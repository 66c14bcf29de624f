namespace Ncr.Core.Images;

/// <summary>An artifact that is about another one.</summary>
/// <param name="Size">Bytes of its manifest.</param>
/// <param name="Annotations">A JSON object; null when it has none.</param>
public sealed record ReferrerRow(string Digest, string MediaType, int Size, string? ArtifactType, string? Annotations)
{
    /// <summary>About how many bytes of JSON a row takes beside its annotations.</summary>
    internal const int Overhead = 400;
}
