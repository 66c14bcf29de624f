namespace Ncr.Core.Backups;

/// <summary>Something that is not as it was stored, and who notices.</summary>
/// <param name="What">What kind of thing it is: <c>content</c>, <c>manifest</c>, <c>database</c> or <c>key</c>.</param>
/// <param name="Name">Its digest, or its file.</param>
/// <param name="Location">Where its content lies in <c>blobs</c>; null for what has no file of its own there.</param>
/// <param name="Explanation">What is wrong with it, in a few words for a person.</param>
/// <param name="Affected">The artifacts that need it: <c>registry/image:tag</c>, or <c>registry/image@digest</c> for one without a tag.</param>
public sealed record BackupDamage(string What, string Name, string? Location, string Explanation, IReadOnlyList<string> Affected);
