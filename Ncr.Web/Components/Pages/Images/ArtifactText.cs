using Ncr.Core.Blobs;
using Ncr.Core.Images;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>What an artifact is called.</summary>
internal static class ArtifactText
{
    /// <summary>The image with a tag of it, or with its short digest while the tags aren't known or there is none.</summary>
    public static string Title(string image, string digest, ArtifactDetails? details) =>
        details?.Row.Tags is [var tag, ..] ? $"{image}:{tag}" : $"{image}@{(Digest.TryParse(digest, out var parsed) ? parsed.Short : digest)}";
}
