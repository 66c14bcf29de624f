using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Ncr.Core.Blobs;

/// <summary>
/// A content digest, <c>sha256:…</c> or <c>sha512:…</c> (image-spec, descriptor.md § Digests). Only the two registered algorithms
/// are accepted, in their canonical form: lower-case hex of the algorithm's full length.
/// </summary>
public readonly record struct Digest
{
    private const string Sha256Prefix = "sha256:";
    private const string Sha512Prefix = "sha512:";
    private readonly string? _text;

    private Digest(string text) => _text = text;

    public HashAlgorithmName Algorithm => AlgorithmOf(ToString());

    /// <summary>The part after the colon.</summary>
    public string Hex => ToString()[Sha256Prefix.Length..];

    /// <summary>The first 12 hex digits with the algorithm, as docker shows digests to people.</summary>
    public string Short => ToString()[..(Sha256Prefix.Length + 12)];

    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null)
        {
            return false;
        }

        var length = text.StartsWith(Sha256Prefix, StringComparison.Ordinal) ? 64
            : text.StartsWith(Sha512Prefix, StringComparison.Ordinal) ? 128
            : -1;
        if (length < 0 || text.Length != Sha256Prefix.Length + length || text.AsSpan(Sha256Prefix.Length).ContainsAnyExcept(LowerHex))
        {
            return false;
        }

        digest = new Digest(text);
        return true;
    }

    /// <exception cref="FormatException">The text is no digest.</exception>
    public static Digest Parse(string text) => TryParse(text, out var digest) ? digest : throw new FormatException($"'{text}' is no digest.");

    public static Digest OfHash(HashAlgorithmName algorithm, ReadOnlySpan<byte> hash) =>
        new((algorithm == HashAlgorithmName.SHA512 ? Sha512Prefix : Sha256Prefix) + Convert.ToHexStringLower(hash));

    public static Digest Sha256(ReadOnlySpan<byte> content) => OfHash(HashAlgorithmName.SHA256, SHA256.HashData(content));

    /// <summary>The digest of <paramref name="content"/> by the same algorithm as this one.</summary>
    public Digest SameAlgorithmOver(ReadOnlySpan<byte> content) =>
        Algorithm == HashAlgorithmName.SHA512 ? OfHash(Algorithm, SHA512.HashData(content)) : Sha256(content);

    public override string ToString() => _text ?? throw new InvalidOperationException("An empty digest was used.");

    private static readonly System.Buffers.SearchValues<char> LowerHex = System.Buffers.SearchValues.Create("0123456789abcdef");

    private static HashAlgorithmName AlgorithmOf(string text) =>
        text.StartsWith(Sha512Prefix, StringComparison.Ordinal) ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
}
