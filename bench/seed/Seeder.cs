using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Core.Registries;

namespace Ncr.Bench.Seed;

/// <summary>Makes one registry with many images, one of them with many artifacts and tags, by the services that pushes go through.</summary>
internal sealed class Seeder(IServiceProvider services)
{
    public const string Registry = "big";
    public const string Image = "huge";

    /// <summary>As many as wait for one commit together, as busy clients do.</summary>
    private const int Clients = 64;

    private const string ConfigType = "application/vnd.oci.image.config.v1+json";
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar+gzip";

    private static readonly byte[] Config = """{"architecture":"amd64","os":"linux","config":{"Labels":{"maintainer":"bench"}}}"""u8.ToArray();

    private readonly PushService _push = services.GetRequiredService<PushService>();
    private readonly UploadService _uploads = services.GetRequiredService<UploadService>();

    public async Task RunAsync(int images, int artifacts, int tags)
    {
        var since = Stopwatch.StartNew();
        await services.GetRequiredService<RegistryService>().CreateAsync(Actor.System, Registry, "Made by bench/seed", CancellationToken.None);
        await ForAllAsync(images, i => PushAsync(ImageName.Parse($"{Registry}/team{i / 100:0000}/app{i:000000}"), i, ["latest"]));
        Console.WriteLine($"{images:N0} images in {since.Elapsed.TotalSeconds:0} s");
        since.Restart();
        var huge = ImageName.Parse($"{Registry}/{Image}");
        await UploadAsync(huge);
        var each = tags / artifacts;
        await ForAllAsync(artifacts, i => PushManifestAsync(huge, 1_000_000 + i, [.. Enumerable.Range(0, each).Select(t => $"v{i:000000}.{t}")]));
        Console.WriteLine($"{artifacts:N0} artifacts with {(long)artifacts * each:N0} tags in one image in {since.Elapsed.TotalSeconds:0} s");
        await services.StopNcrCoreAsync();
    }

    private async Task PushAsync(ImageName image, int serial, IReadOnlyList<string> tags)
    {
        await UploadAsync(image);
        await PushManifestAsync(image, serial, tags);
    }

    private async Task UploadAsync(ImageName image)
    {
        var upload = await _uploads.StartAsync(Actor.System, image, null, CancellationToken.None);
        await _uploads.CompleteAsync(Actor.System, image, upload.Id, Digest.Sha256(Config), new MemoryStream(Config), null, Config.Length, CancellationToken.None);
    }

    /// <summary>Each artifact is told from the others by its annotation; the content is one for all, since it is rows that are wanted.</summary>
    private async Task PushManifestAsync(ImageName image, int serial, IReadOnlyList<string> tags)
    {
        var digest = Digest.Sha256(Config).ToString();
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = MediaType,
            config = new { mediaType = ConfigType, digest, size = Config.Length },
            layers = new[] { new { mediaType = LayerType, digest, size = Config.Length } },
            annotations = new Dictionary<string, string> { ["org.opencontainers.image.revision"] = $"{serial:x8}" },
        });
        await _push.PushAsync(Actor.System, image, Reference.TryParse(tags[0], out var tag) ? tag : default, [.. tags.Skip(1)], manifest, MediaType, CancellationToken.None);
    }

    private const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    private static Task ForAllAsync(int count, Func<int, Task> work) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (i, _) => await work(i));
}
