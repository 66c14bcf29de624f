namespace Ncr.Core.Images;

/// <summary>A tag as lists show it.</summary>
/// <param name="Type">What the artifact that it names is.</param>
/// <param name="Size">Bytes of all that the artifact names.</param>
/// <param name="PushedAt">When it was made or last moved.</param>
public sealed record TagRow(string Name, string Digest, ArtifactType Type, long Size, DateTime PushedAt, string PushedBy);
