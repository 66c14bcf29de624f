using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>
/// Signatures with a key pair and without a transparency log, which is out of reach here. cosign keeps them in two ways: under a
/// tag named after the image's digest, and as referrers of it.
/// </summary>
[Collection(ClientGroup.Name)]
public sealed class CosignTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private const string Version2 = "cosign-2";
    private const string Version3 = "cosign-3";

    private string Host => fixture.Server.Host;

    public enum Storage
    {
        Tag,
        Referrer,
    }

    [ToolTheory(Version2, Version3, "crane")]
    [InlineData(Version2, Storage.Tag)]
    [InlineData(Version2, Storage.Referrer)]
    [InlineData(Version3, Storage.Tag)]
    [InlineData(Version3, Storage.Referrer)]
    public async Task SignAndVerify_RightAndWrongKey_OnlyTheRightOneVerifies(string tool, Storage storage)
    {
        var cosign = await NewCosignAsync(tool);
        var name = $"team/{tool}/{storage.ToString().ToLowerInvariant()}";
        var digest = await PushAsync(name, "v1");
        var image = $"{Host}/{name}@{digest}";

        var unsigned = await VerifyAsync(cosign, storage, image, "cosign.pub");
        await SignAsync(cosign, storage, image);
        var right = await VerifyAsync(cosign, storage, image, "cosign.pub");
        var byTag = await VerifyAsync(cosign, storage, $"{Host}/{name}:v1", "cosign.pub");
        var wrong = await VerifyAsync(cosign, storage, image, "other.pub");

        Assert.NotEqual(0, unsigned.ExitCode);
        Assert.True(right.ExitCode == 0, right.ToString());
        Assert.True(byTag.ExitCode == 0, byTag.ToString());
        Assert.Contains(digest, right.Out, StringComparison.Ordinal);
        Assert.NotEqual(0, wrong.ExitCode);
        // Where it went: a tag of the old scheme, or a referrer and no tag at all.
        var signatureTag = digest.Replace(':', '-') + ".sig";
        Assert.Equal(storage == Storage.Tag ? [signatureTag, "v1"] : ["v1"], await fixture.Wire.TagsAsync(name));
        Assert.Equal(storage == Storage.Tag ? 0 : 1, (await fixture.Wire.ReferrerTypesAsync(name, digest)).Length);
    }

    [ToolTheory(Version2, Version3, "crane")]
    [InlineData(Version2, Storage.Tag)]
    [InlineData(Version3, Storage.Referrer)]
    public async Task Verify_AfterTheTagMovedToAnotherImage_Fails(string tool, Storage storage)
    {
        var cosign = await NewCosignAsync(tool);
        var name = $"team/{tool}/moved";
        var signed = await PushAsync(name, "v1");
        await SignAsync(cosign, storage, $"{Host}/{name}@{signed}");

        var other = await PushAsync(name, "v1");

        Assert.NotEqual(signed, other);
        Assert.NotEqual(0, (await VerifyAsync(cosign, storage, $"{Host}/{name}:v1", "cosign.pub")).ExitCode);
        Assert.Equal(0, (await VerifyAsync(cosign, storage, $"{Host}/{name}@{signed}", "cosign.pub")).ExitCode);
    }

    [ToolTheory(Version2, Version3, "crane")]
    [InlineData(Version2)]
    [InlineData(Version3)]
    public async Task Attest_Sbom_IsVerified(string tool)
    {
        var cosign = await NewCosignAsync(tool);
        var name = $"team/{tool}/attested";
        var image = $"{Host}/{name}@{await PushAsync(name, "v1")}";
        var predicate = Path.Combine(cosign.WorkingDirectory!, "sbom.json");
        await File.WriteAllTextAsync(predicate, """{"spdxVersion":"SPDX-2.3","name":"made-here"}""");
        string[] offline = tool == Version3 ? ["--use-signing-config=false"] : [];

        await cosign.RunAsync(
            ["attest", "--yes", "--key", "cosign.key", "--tlog-upload=false", "--allow-http-registry", .. offline,
                "--type", "spdxjson", "--predicate", predicate, image]);
        string[] verify = ["verify-attestation", "--insecure-ignore-tlog", "--allow-http-registry", "--type", "spdxjson"];
        var right = await cosign.RunAsync([.. verify, "--key", "cosign.pub", image]);

        Assert.Contains("payload", right.Out, StringComparison.Ordinal);
        await cosign.FailAsync([.. verify, "--key", "other.pub", image]);
    }

    [ToolTheory(Version2, Version3, "crane")]
    [InlineData(Version2)]
    [InlineData(Version3)]
    public async Task Sign_WithoutLogin_IsRefused(string tool)
    {
        var cosign = await NewCosignAsync(tool);
        var name = $"team/{tool}/refused";
        var digest = await PushAsync(name, "v1");
        File.Delete(Path.Combine(cosign.Environment["DOCKER_CONFIG"]!, "config.json"));

        var result = await cosign.FailAsync([.. SignArguments(tool, Storage.Tag), $"{Host}/{name}@{digest}"]);

        Explains.NotLoggedIn(result);
        Assert.Equal(["v1"], await fixture.Wire.TagsAsync(name));
    }

    private async Task<string> PushAsync(string name, string tag)
    {
        var folder = fixture.NewFolder();
        var digest = Files.WriteLayout(folder, tag);
        await fixture.NewCrane().RunAsync("push", folder, $"{Host}/{name}:{tag}");
        return digest;
    }

    // Logged in, with two key pairs in its folder: "cosign" and "other".
    private async Task<Cli> NewCosignAsync(string tool)
    {
        var cosign = fixture.NewClient(tool, ("COSIGN_PASSWORD", "a password"));
        await cosign.RunAsync("login", "--username", fixture.Server.AccessKey, "--password", fixture.Server.SecretKey, Host);
        await cosign.RunAsync("generate-key-pair");
        await cosign.RunAsync("generate-key-pair", "--output-key-prefix", "other");
        return cosign;
    }

    private static async Task SignAsync(Cli cosign, Storage storage, string image)
    {
        var tool = Path.GetFileName(cosign.Program);
        await Experimental(cosign, tool, storage).RunAsync([.. SignArguments(tool, storage), image]);
    }

    private static Task<CliResult> VerifyAsync(Cli cosign, Storage storage, string image, string key)
    {
        var tool = Path.GetFileName(cosign.Program);
        string[] scheme = (tool, storage) switch
        {
            (Version2, Storage.Referrer) => ["--experimental-oci11"],
            (Version3, Storage.Tag) => ["--new-bundle-format=false"],
            _ => [],
        };
        return Experimental(cosign, tool, storage).TryAsync(["verify", "--key", key, "--insecure-ignore-tlog", "--allow-http-registry", .. scheme, image]);
    }

    private static string[] SignArguments(string tool, Storage storage)
    {
        string[] scheme = (tool, storage) switch
        {
            (Version2, Storage.Referrer) => ["--registry-referrers-mode=oci-1-1"],
            (Version3, Storage.Tag) => ["--use-signing-config=false", "--new-bundle-format=false"],
            (Version3, _) => ["--use-signing-config=false"],
            _ => [],
        };
        return ["sign", "--yes", "--key", "cosign.key", "--tlog-upload=false", "--allow-http-registry", .. scheme];
    }

    private static Cli Experimental(Cli cosign, string tool, Storage storage) =>
        tool == Version2 && storage == Storage.Referrer ? cosign.With("COSIGN_EXPERIMENTAL", "1") : cosign;
}
