namespace Ncr.Core.Images;

/// <summary>That a tag began to name something else.</summary>
/// <param name="Type">One of <see cref="Events.EventTypes"/>.</param>
/// <param name="Digest">What it names from then on; null when it was deleted.</param>
/// <param name="Before">What it named until then; null when it did not exist, or the record begins here.</param>
/// <param name="IsThere">Whether the artifact that the event is about is still in the image.</param>
/// <param name="Address">The network address of who did it; null when unknown.</param>
public sealed record TagChange(DateTime At, string Type, string? Digest, string? Before, bool IsThere, string By, string? Address);
