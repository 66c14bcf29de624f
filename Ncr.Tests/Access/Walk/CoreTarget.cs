using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access.Walk;

/// <summary>What a command is given: a registry with an image, whose one artifact is tagged <c>v1</c> and has one layer with one file.</summary>
/// <param name="Layer">The layer's digest.</param>
/// <param name="Manifest">As it was pushed.</param>
/// <param name="Pushed">The image, as the administrator reaches it.</param>
public sealed record CoreTarget(AccessSetup Setup, string Registry, ImageName Image, Digest Digest, Digest Layer, byte[] Manifest, RegistryClient Pushed)
{
    /// <summary>Who asks.</summary>
    public Actor Actor { get; init; } = Actor.Anonymous(null);

    /// <summary>What was made for this call: a user, a key, a session, a deletion.</summary>
    public long Id { get; set; }

    /// <summary>An upload that was opened for this call.</summary>
    public string Upload { get; set; } = "";

    public static async Task<CoreTarget> CreateAsync(AccessSetup setup, string registry)
    {
        var content = new ImageBuilder(layerContents: [new LayerBuilder().File("file", "content").Gzip()]);
        var image = new RegistryClient(setup.Http, RegistryClient.UniqueName(registry));
        var manifest = await image.PushAsync(content, "v1");
        return new CoreTarget(setup, registry, ImageName.Parse(image.Name), Digest.Parse(manifest.Digest), Digest.Parse(content.LayerDigests[0]), manifest.Body, image);
    }

    public T Get<T>()
        where T : notnull => Setup.Get<T>();
}
