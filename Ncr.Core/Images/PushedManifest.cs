using Ncr.Core.Blobs;

namespace Ncr.Core.Images;

/// <summary>What became of a pushed manifest.</summary>
/// <param name="Subject">The artifact it is about, when it names one: the registry keeps the list of referrers.</param>
/// <param name="Tags">The tags that now point to it by this push.</param>
public sealed record PushedManifest(Digest Digest, Digest? Subject, IReadOnlyList<string> Tags);
