using Ncr.Core.Images;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>Something attached to an artifact, with what is attached to it in turn.</summary>
/// <param name="HasMore">Whether there is more than was read.</param>
public sealed record AttachmentNode(ArtifactRow Row, IReadOnlyList<AttachmentNode> Attached, bool HasMore);
