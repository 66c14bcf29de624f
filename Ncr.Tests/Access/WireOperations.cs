using System.Net;
using Ncr.Core.Access;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

/// <summary>What can be asked of an image over <c>/v2</c>, and who may. Written down here once more, so that a slip in the matrix is noticed.</summary>
internal static class WireOperations
{
    private const RoleGroup Pullers = RoleGroup.Admins | RoleGroup.Viewer;
    private const RoleGroup Pushers = RoleGroup.Admins | RoleGroup.Uploader;

    public static Dictionary<string, (RoleGroup Roles, Func<Target, Task<HttpResponseMessage>> Send)> All { get; } = new()
    {
        ["catalog"] = (RoleGroup.All, t => t.Image.Http.SendRawAsync(HttpMethod.Get, "/v2/_catalog")),
        ["list tags"] = (RoleGroup.All, t => t.Image.GetAsync("tags/list")),
        ["list referrers"] = (RoleGroup.All, t => t.Image.GetAsync($"referrers/{t.Manifest.Digest}")),
        ["look at a tag"] = (RoleGroup.All, t => t.Image.HeadAsync("manifests/v1")),
        ["look at a manifest"] = (RoleGroup.All, t => t.Image.HeadAsync($"manifests/{t.Manifest.Digest}")),
        ["look at a blob"] = (RoleGroup.All, t => t.Image.HeadAsync($"blobs/{t.Blob}")),
        ["pull a tag"] = (Pullers, t => t.Image.GetAsync("manifests/v1")),
        ["pull a manifest"] = (Pullers, t => t.Image.GetAsync($"manifests/{t.Manifest.Digest}")),
        ["pull a blob"] = (Pullers, t => t.Image.GetAsync($"blobs/{t.Blob}")),
        ["open an upload"] = (Pushers, t => t.Image.StartUploadAsync()),
        ["push a manifest"] = (Pushers, t => t.Image.PutManifestAsync(t.Manifest.Digest, t.Manifest.Body, t.Manifest.MediaType)),
        ["push a tag"] = (Pushers, t => t.Image.PutManifestAsync("v2", t.Manifest.Body, t.Manifest.MediaType)),
        ["mount"] = (Pushers, t => new RegistryClient(t.Image.Http, RegistryClient.UniqueName()).StartUploadAsync($"?mount={t.Blob}&from={t.Image.Name}")),
        ["delete a tag"] = (RoleGroup.Admins, t => t.Image.DeleteAsync("manifests/v1")),
        ["delete an artifact"] = (RoleGroup.Admins, t => t.Image.DeleteAsync($"manifests/{t.Manifest.Digest}")),
        ["delete a blob"] = (RoleGroup.Admins, t => t.Image.DeleteAsync($"blobs/{t.Blob}")),
    };

    /// <summary>Whether it was allowed; anything else than that or a clean refusal fails.</summary>
    public static async Task<bool> IsAllowedAsync(HttpResponseMessage response, bool isHead)
    {
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.MethodNotAllowed)
        {
            return true; // A blob in use can't be deleted by anybody: that comes after who asks.
        }

        if (isHead)
        {
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
        else
        {
            await response.AssertErrorAsync(HttpStatusCode.Forbidden, "DENIED", "lacks the permission");
        }

        return false;
    }

    /// <param name="Image">As the user sees it.</param>
    public sealed record Target(RegistryClient Image, PushedManifest Manifest, string Blob);
}
