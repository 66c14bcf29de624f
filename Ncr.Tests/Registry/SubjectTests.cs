using System.Net;
using System.Text.Json.Nodes;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class SubjectTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Put_WithASubject_ConfirmsIt(bool byTag)
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var body = await BuildAsync(image, subject.Descriptor());

        using var response = await image.PutManifestAsync(byTag ? "signature" : Oci.Digest(body), body, Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(subject.Digest, response.RequireHeader("OCI-Subject"));
    }

    [Fact]
    public async Task Put_OfAnIndexWithASubject_ConfirmsIt()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var body = Oci.IndexOf([], change: i => i["subject"] = subject.Descriptor());

        using var response = await image.PutManifestAsync("extra", body, Oci.Index);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(subject.Digest, response.RequireHeader("OCI-Subject"));
        Assert.Equal([Oci.Digest(body)], await ReferrersAsync(image, subject.Digest));
    }

    [Fact]
    public async Task Put_WithASubjectThatIsNotThereYet_IsTakenAndFoundOnceItIs()
    {
        var image = fixture.NewImage();
        var later = new ImageBuilder();
        var subject = later.Build();
        var body = await BuildAsync(image, Oci.Descriptor(Oci.Manifest, subject));

        using var response = await image.PutManifestAsync("signature", body, Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(Oci.Digest(subject), response.RequireHeader("OCI-Subject"));
        Assert.Equal([Oci.Digest(body)], await ReferrersAsync(image, Oci.Digest(subject)));
        await image.PushAsync(later, "v1");
        Assert.Equal([Oci.Digest(body)], await ReferrersAsync(image, Oci.Digest(subject)));
    }

    [Fact]
    public async Task Put_WithASubjectInAnotherImage_RefersWithinThisImageOnly()
    {
        var (image, neighbour) = (fixture.NewImage(), fixture.NewImage());
        var subject = await neighbour.PushAsync(new ImageBuilder(), "v1");
        var body = await BuildAsync(image, subject.Descriptor());

        await image.PushManifestAsync(body, Oci.Manifest, "signature");

        Assert.Equal([Oci.Digest(body)], await ReferrersAsync(image, subject.Digest));
        Assert.Empty(await ReferrersAsync(neighbour, subject.Digest));
    }

    [Fact]
    public async Task Delete_OfTheSubject_KeepsWhatRefersToIt()
    {
        var image = fixture.NewImage();
        var subject = await image.PushAsync(new ImageBuilder(), "v1");
        var body = await BuildAsync(image, subject.Descriptor());
        await image.PushManifestAsync(body, Oci.Manifest, "signature");

        using var delete = await image.DeleteAsync("manifests/" + subject.Digest);

        Assert.Equal(HttpStatusCode.Accepted, delete.StatusCode);
        using var head = await image.HeadAsync("manifests/signature");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal([Oci.Digest(body)], await ReferrersAsync(image, subject.Digest));
    }

    [Fact]
    public async Task Put_WithANullSubject_IsAPlainManifest()
    {
        var image = fixture.NewImage();
        var built = ImageBuilder.Artifact("application/vnd.example.thing.v1");
        foreach (var blob in built.Blobs)
        {
            await image.PushBlobAsync(blob);
        }

        var document = JsonNode.Parse(built.Build())!.AsObject();
        document["subject"] = null;
        using var response = await image.PutManifestAsync("thing", Oci.Utf8(document), Oci.Manifest);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Null(response.Header("OCI-Subject"));
    }

    private static async Task<byte[]> BuildAsync(RegistryClient image, JsonObject subject)
    {
        var content = ImageBuilder.Artifact("application/vnd.example.signature.v1");
        var document = JsonNode.Parse(content.Build())!.AsObject();
        document["subject"] = subject;
        foreach (var blob in content.Blobs)
        {
            await image.PushBlobAsync(blob);
        }

        return Oci.Utf8(document);
    }

    private static async Task<string[]> ReferrersAsync(RegistryClient image, string digest) =>
        [.. (await image.GetJsonAsync("referrers/" + digest)).GetProperty("manifests").EnumerateArray().Select(m => m.GetProperty("digest").GetString()!)];
}
