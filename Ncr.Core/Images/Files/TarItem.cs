namespace Ncr.Core.Images.Files;

/// <summary>What a tar archive says of one file, its path as it is written there.</summary>
/// <param name="Size">Bytes that follow.</param>
/// <param name="Mode">The twelve bits of rights.</param>
internal sealed record TarItem(string Path, FileKind Kind, long Size, int Mode, string Owner, long Modified, string? Target);
