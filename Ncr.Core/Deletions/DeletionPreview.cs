using Ncr.Core.Images;

namespace Ncr.Core.Deletions;

/// <summary>What exactly a deletion would take.</summary>
/// <param name="Artifacts">The artifacts that go, those asked for first; for images and registries none are named.</param>
/// <param name="ImageCount">Images that go whole.</param>
/// <param name="ArtifactCount">Artifacts that go, in all.</param>
/// <param name="TagCount">Tags that go.</param>
/// <param name="FreedSize">Bytes that nothing else needs: these are free again once it can't be restored any more.</param>
/// <param name="Refusals">What can't go, and why.</param>
public sealed record DeletionPreview(IReadOnlyList<ArtifactRow> Artifacts, int ImageCount, long ArtifactCount, long TagCount, long FreedSize, IReadOnlyList<string> Refusals);
