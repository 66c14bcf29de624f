using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Blobs;
using Ncr.Core.Images;

namespace Ncr.Tests.Support;

internal static class ManyArtifacts
{
    private static readonly byte[] Config = """{"architecture":"amd64","os":"linux"}"""u8.ToArray();

    /// <summary>Artifacts of one image with the tags <c>v0000</c>, <c>v0001</c> and so on, by the services that pushes go through; up to 64 are told apart by when they came.</summary>
    public static async Task FillAsync(this NcrServer server, string image, int count)
    {
        var name = ImageName.Parse(image);
        var uploads = server.Services.GetRequiredService<UploadService>();
        var pushes = server.Services.GetRequiredService<PushService>();
        var upload = await uploads.StartAsync(server.Administrator, name, null, CancellationToken.None);
        await uploads.CompleteAsync(server.Administrator, name, upload.Id, Digest.Sha256(Config), new MemoryStream(Config), null, Config.Length, CancellationToken.None);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = count > 64 ? 64 : 1 }, async (i, _) =>
        {
            var body = new ImageBuilder(0, config: Config) { Annotations = new() { ["org.example.number"] = $"{i}" } }.Build();
            Assert.True(Reference.TryParse($"v{i:0000}", out var tag));
            await pushes.PushAsync(server.Administrator, name, tag, [], body, Oci.Manifest, CancellationToken.None);
        });
    }
}
