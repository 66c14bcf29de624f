namespace Ncr.Core.Images;

/// <summary>An image as lists and pages show it.</summary>
/// <param name="Name">Within its registry.</param>
/// <param name="Size">Bytes that its artifacts need, each blob counted once.</param>
public sealed record ImageRow(long Id, string Name, int ArtifactCount, int TagCount, long Size, long PullCount, DateTime PushedAt, DateTime? PulledAt);
