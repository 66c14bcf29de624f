using Ncr.Core.Blobs;

namespace Ncr.Core.Images.Files;

/// <summary>What files are asked of: an artifact's layers on top of each other, or one of them.</summary>
/// <param name="Layer">Its place in the manifest, from 0; null for all together.</param>
public sealed record FileSource(ImageName Image, Digest Artifact, int? Layer = null);
