namespace Ncr.Core.Images.Files;

/// <summary>A file as the page lists it.</summary>
/// <param name="Node">Its number in the list that it is from, by which a folder is opened.</param>
/// <param name="Path">With slashes between, none at the start.</param>
/// <param name="Size">Bytes; of a folder, of all that is in it.</param>
/// <param name="Mode">The twelve bits of rights.</param>
/// <param name="Owner">User and group, by name or number.</param>
/// <param name="Target">Where a link leads.</param>
/// <param name="Layer">The layer's place in the manifest, from 0.</param>
/// <param name="Entry">Its number in the layer, by which it is read; -1 for a folder that only paths name.</param>
/// <param name="ChildCount">How much is in a folder.</param>
public sealed record FileRow(int Node, string Name, string Path, FileKind Kind, long Size, int Mode, string Owner, DateTime? Modified, string? Target, int Layer, int Entry, int ChildCount);
