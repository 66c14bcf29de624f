using System.Text;

namespace Ncr.Core.Images.Files;

/// <summary>The files of a layer, or of an image, as folders within folders. It never changes. Node 0 is the root.</summary>
internal sealed class FileTree(FileNode[] nodes, byte[] texts, int[] order, string[] owners, IReadOnlyList<LayerFault> faults)
{
    private const int NodeSize = 80;

    public FileNode[] Nodes => nodes;

    public IReadOnlyList<string> Owners => owners;

    /// <summary>What could not be read.</summary>
    public IReadOnlyList<LayerFault> Faults => faults;

    /// <summary>Bytes of memory, about.</summary>
    public long MemorySize => SizeOf(nodes.Length, texts.Length) + (owners.Length * 64L) + 200;

    public int FileCount { get; } = nodes.Count(n => n.Kind is not (FileKind.Folder or FileKind.Removal));

    public int FolderCount { get; } = nodes.Count(n => n.Kind == FileKind.Folder) - 1;

    public long TotalSize => nodes[0].Size;

    public static long SizeOf(int nodes, int texts) => ((long)nodes * NodeSize) + texts;

    public ReadOnlySpan<byte> NameBytes(int node) => texts.AsSpan(nodes[node].Name, nodes[node].NameLength);

    public string Name(int node) => Encoding.UTF8.GetString(NameBytes(node));

    public string? Target(int node) => nodes[node].Kind is FileKind.Symlink or FileKind.HardLink ? Encoding.UTF8.GetString(texts, nodes[node].Target, nodes[node].TargetLength) : null;

    /// <summary>What is in a folder: folders first, then by name.</summary>
    public ReadOnlySpan<int> Children(int node) => order.AsSpan(nodes[node].Children, nodes[node].ChildCount);

    /// <summary>With slashes between, none at the start; the root's is empty.</summary>
    public string Path(int node)
    {
        var parts = new Stack<string>();
        for (var at = node; at > 0; at = nodes[at].Parent)
        {
            parts.Push(Name(at));
        }

        return string.Join('/', parts);
    }

    /// <summary>The node at a path, as links write them; null when there is none.</summary>
    public int? Find(string path)
    {
        var at = 0;
        foreach (var part in path.Split('/').Where(p => p is not ("" or ".")))
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            var next = -1;
            foreach (var child in Children(at))
            {
                if (NameBytes(child).SequenceEqual(bytes))
                {
                    next = child;
                    break;
                }
            }

            if (next < 0)
            {
                return null;
            }

            at = next;
        }

        return at;
    }
}
