using System.Runtime.InteropServices;

namespace Ncr.Core.Images.Files;

/// <summary>One file in a <see cref="FileTree"/>. Texts lie in the tree's bytes, children in its order: a tree of many files stays small.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct FileNode
{
    public int Parent;
    public int Name;
    public ushort NameLength;
    public ushort TargetLength;
    public int Target;
    public int Children;
    public int ChildCount;

    /// <summary>Bytes; of a folder, of all that is in it.</summary>
    public long Size;

    /// <summary>Seconds since 1970.</summary>
    public long Modified;

    public int Owner;

    /// <summary>The entry's number in its layer; -1 for a folder that only paths name.</summary>
    public int Entry;

    public short Layer;
    public short Mode;
    public FileKind Kind;

    /// <summary>Whether nothing of the layers below shows through this folder.</summary>
    public bool IsOpaque;
}
