namespace Ncr.Core.Images;

/// <summary>A tag as lists show it.</summary>
/// <param name="PushedAt">When it was made or last moved.</param>
public sealed record TagRow(string Name, string Digest, DateTime PushedAt, string PushedBy);
