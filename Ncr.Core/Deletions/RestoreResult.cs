namespace Ncr.Core.Deletions;

/// <summary>What came back.</summary>
/// <param name="Image">The image's full name; null for a registry.</param>
/// <param name="KeptTags">Tags that were not restored, since they are there again and point elsewhere or to the same.</param>
public sealed record RestoreResult(string Registry, string? Image, int Artifacts, int Tags, IReadOnlyList<string> KeptTags);
