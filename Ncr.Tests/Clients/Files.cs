using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>The content that tests push: random files, build contexts, image layouts.</summary>
internal static class Files
{
    public const int Megabyte = 1024 * 1024;

    /// <summary>What images are built for on this machine.</summary>
    public static string Architecture { get; } =
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    public static string OtherArchitecture => Architecture == "amd64" ? "arm64" : "amd64";

    public static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    public static async Task<string> HashAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
    }

    /// <summary>Writes random bytes, which no compression makes smaller, and gives their hash.</summary>
    public static async Task<string> WriteRandomAsync(string file, int megabytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = File.Create(file);
        var buffer = new byte[Megabyte];
        for (var i = 0; i < megabytes; i++)
        {
            RandomNumberGenerator.Fill(buffer);
            hash.AppendData(buffer);
            await stream.WriteAsync(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// A build context whose image has a layer per file and prints the hashes of them all when it runs. Gives that output.
    /// </summary>
    public static async Task<string> WriteContextAsync(string folder, params int[] megabytes)
    {
        File.Copy(Tool.Require("busybox"), Path.Combine(folder, "busybox"));
        var dockerfile = new StringBuilder("FROM scratch\nCOPY busybox /bin/busybox\n");
        var command = new StringBuilder("CMD [\"/bin/busybox\", \"sha256sum\"");
        var output = new StringBuilder();
        for (var i = 0; i < megabytes.Length; i++)
        {
            var hash = await WriteRandomAsync(Path.Combine(folder, $"data{i}"), megabytes[i]);
            dockerfile.Append(Invariant($"COPY data{i} /data{i}\n"));
            command.Append(Invariant($", \"/data{i}\""));
            output.Append(Invariant($"{hash}  /data{i}\n"));
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "Dockerfile"), $"{dockerfile}{command}]\n");
        return output.ToString();
    }

    /// <summary>A tar file with one file of random bytes in it.</summary>
    public static async Task<string> WriteTarAsync(string folder, string name)
    {
        var file = Path.Combine(folder, name + ".tar");
        await File.WriteAllBytesAsync(file, Tar(name, RandomNumberGenerator.GetBytes(1000)));
        return file;
    }

    /// <summary>Writes an OCI layout of one image with three layers and gives its digest.</summary>
    public static string WriteLayout(string folder, string tag)
    {
        var image = WriteImage(folder, Architecture);
        return WriteLayoutIndex(folder, tag, image);
    }

    /// <summary>Writes an OCI layout of an image for two platforms and gives the digest of its index.</summary>
    public static string WriteMultiArchitectureLayout(string folder, string tag)
    {
        object[] images = [WriteImage(folder, "amd64"), WriteImage(folder, "arm64")];
        var index = Write(folder, "application/vnd.oci.image.index.v1+json", new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.oci.image.index.v1+json",
            manifests = images,
        });
        return WriteLayoutIndex(folder, tag, index);
    }

    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static Dictionary<string, object> WriteImage(string folder, string architecture)
    {
        byte[][] tars = [.. Enumerable.Range(0, 3).Select(i => Tar($"{architecture}{i}", RandomNumberGenerator.GetBytes(1000 + i)))];
        var layers = tars.Select(t => Write(folder, "application/vnd.oci.image.layer.v1.tar+gzip", Gzip(t))).ToArray();
        var config = Write(folder, "application/vnd.oci.image.config.v1+json", new
        {
            architecture,
            os = "linux",
            config = new { },
            rootfs = new { type = "layers", diff_ids = tars.Select(Digest) },
        });
        var manifest = Write(folder, "application/vnd.oci.image.manifest.v1+json", new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.oci.image.manifest.v1+json",
            config,
            layers,
        });
        manifest["platform"] = new { architecture, os = "linux" };
        return manifest;
    }

    private static string WriteLayoutIndex(string folder, string tag, Dictionary<string, object> root)
    {
        root["annotations"] = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = tag };
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllBytes(Path.Combine(folder, "index.json"), JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 2, manifests = new[] { root } }));
        return (string)root["digest"];
    }

    private static Dictionary<string, object> Write(string folder, string mediaType, object document) =>
        Write(folder, mediaType, JsonSerializer.SerializeToUtf8Bytes(document));

    private static Dictionary<string, object> Write(string folder, string mediaType, byte[] content)
    {
        var digest = Digest(content);
        var blobs = Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256")).FullName;
        File.WriteAllBytes(Path.Combine(blobs, digest["sha256:".Length..]), content);
        return new Dictionary<string, object> { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
    }

    private static byte[] Tar(string name, byte[] content)
    {
        using var output = new MemoryStream();
        using (var tar = new TarWriter(output, TarEntryFormat.Ustar, leaveOpen: true))
        {
            using var data = new MemoryStream(content);
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = data });
        }

        return output.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return output.ToArray();
    }
}
