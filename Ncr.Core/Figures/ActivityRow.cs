namespace Ncr.Core.Figures;

/// <summary>Something that happened, or several pushes to one image in a row.</summary>
/// <param name="Type">One of <see cref="Events.EventTypes"/>.</param>
/// <param name="At">When; of several, the last.</param>
/// <param name="Count">How many events it stands for.</param>
/// <param name="Registry">The registry it is about; null when there is none.</param>
/// <param name="Image">The image's full name; null when there is none.</param>
/// <param name="Tags">The tags it is about, the last first; at most <see cref="MaxTags"/>.</param>
/// <param name="TagCount">How many tags there are in all.</param>
/// <param name="Digest">The artifact, when it is about one; null otherwise.</param>
/// <param name="Details">What else there is to say, such as the name of a key.</param>
/// <param name="IsThere">Whether the image, or else the registry, can still be looked at.</param>
public sealed record ActivityRow(
    long Id, string Type, DateTime At, string Actor, int Count, string? Registry, string? Image, IReadOnlyList<string> Tags, int TagCount, string? Digest, string? Details, bool IsThere)
{
    public const int MaxTags = 3;
}
