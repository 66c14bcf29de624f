using System.Runtime.InteropServices;
using System.Text;

namespace Ncr.Core.Images.Files;

/// <summary>Makes a <see cref="FileTree"/> of a layer's entries, or of the trees of an image's layers.</summary>
internal sealed class FileTreeBuilder
{
    /// <summary>Begins the name of a mark that takes the file of the rest of the name away (image-spec, layer.md § Whiteouts).</summary>
    private const string RemovalPrefix = ".wh.";

    /// <summary>In a folder, takes all away that the layers below have in it.</summary>
    private const string OpaqueMark = ".wh..wh..opq";

    private const int MaxOwners = 2000;

    private readonly FileLimits _limits;
    private readonly List<FileNode> _nodes = [];
    private readonly HashSet<int> _dead = [];
    private readonly Dictionary<(int Parent, string Name), int> _byName = [];
    private readonly Dictionary<string, int> _ownerNumbers = [];
    private readonly List<string> _owners = [];
    private readonly List<LayerFault> _faults = [];
    private byte[] _texts = new byte[1024];
    private int _textLength;

    public FileTreeBuilder(FileLimits limits)
    {
        _limits = limits;
        _nodes.Add(new FileNode { Parent = -1, Kind = FileKind.Folder, Mode = 0b111_101_101, Entry = -1, Owner = OwnerNumber("0:0") });
    }

    public void AddFault(LayerFault fault) => _faults.Add(fault);

    /// <summary>Adds an entry of a layer.</summary>
    /// <exception cref="LayerFaultException">A limit is reached.</exception>
    public void Add(TarItem item, int entry)
    {
        var parts = item.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();
        if (parts.Length > _limits.MaxDepth)
        {
            throw new LayerFaultException($"It has folders more than {_limits.MaxDepth} deep, so reading stopped there.");
        }

        var parent = 0;
        foreach (var part in parts.AsSpan(0, Math.Max(0, parts.Length - 1)))
        {
            parent = Folder(parent, part);
        }

        if (parts is [.., OpaqueMark])
        {
            CollectionsMarshal.AsSpan(_nodes)[parent].IsOpaque = true;
            return;
        }

        var node = new FileNode
        {
            Size = item.Size,
            Modified = item.Modified,
            Mode = (short)item.Mode,
            Owner = OwnerNumber(item.Owner),
            Entry = entry,
            Kind = item.Kind,
        };
        if (parts.Length == 0)
        {
            if (item.Kind == FileKind.Folder)
            {
                Describe(0, node);
            }

            return;
        }

        var name = parts[^1];
        if (name.StartsWith(RemovalPrefix, StringComparison.Ordinal) && !name.StartsWith(".wh..wh.", StringComparison.Ordinal) && name.Length > RemovalPrefix.Length)
        {
            node.Kind = FileKind.Removal;
            name = name[RemovalPrefix.Length..];
            if (_byName.ContainsKey((parent, name)))
            {
                return; // A layer's own files are not what its marks take away.
            }
        }

        Put(parent, name, node, item.Target is { } target ? Encoding.UTF8.GetBytes(target) : []);
    }

    /// <summary>Puts a layer on what is there so far.</summary>
    /// <exception cref="LayerFaultException">A limit is reached.</exception>
    public void Apply(FileTree layer, short number)
    {
        if (layer.Nodes[0].IsOpaque)
        {
            for (var i = 1; i < _nodes.Count; i++)
            {
                _dead.Add(i);
            }

            _byName.Clear();
        }

        Apply(layer, 0, 0, number);
    }

    public FileTree Build()
    {
        // A parent comes before its children, so one pass finds all that went with something.
        var places = new int[_nodes.Count];
        var kept = new List<FileNode>(_nodes.Count - _dead.Count);
        for (var i = 0; i < _nodes.Count; i++)
        {
            var node = _nodes[i];
            if (_dead.Contains(i) || (i > 0 && places[node.Parent] < 0))
            {
                places[i] = -1;
                continue;
            }

            places[i] = kept.Count;
            node.Parent = i == 0 ? -1 : places[node.Parent];
            kept.Add(node);
        }

        var nodes = kept.ToArray();
        var order = new int[Math.Max(0, nodes.Length - 1)];
        for (var i = nodes.Length - 1; i > 0; i--)
        {
            nodes[nodes[i].Parent].ChildCount++;
            nodes[nodes[i].Parent].Size += nodes[i].Kind == FileKind.Removal ? 0 : nodes[i].Size;
        }

        var next = 0;
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i].Children = next;
            next += nodes[i].ChildCount;
        }

        var filled = new int[nodes.Length];
        for (var i = 1; i < nodes.Length; i++)
        {
            var parent = nodes[i].Parent;
            order[nodes[parent].Children + filled[parent]++] = i;
        }

        var tree = new FileTree(nodes, _texts[.._textLength], order, [.. _owners], _faults);
        for (var i = 0; i < nodes.Length; i++)
        {
            order.AsSpan(nodes[i].Children, nodes[i].ChildCount).Sort((a, b) => Compare(tree, a, b));
        }

        return tree;
    }

    private static int Compare(FileTree tree, int a, int b)
    {
        var folders = (tree.Nodes[b].Kind == FileKind.Folder).CompareTo(tree.Nodes[a].Kind == FileKind.Folder);
        return folders != 0 ? folders : tree.NameBytes(a).SequenceCompareTo(tree.NameBytes(b));
    }

    private void Apply(FileTree layer, int from, int to, short number)
    {
        // First what it takes away: that is about the layers below, never about its own files.
        foreach (var child in layer.Children(from))
        {
            if (layer.Nodes[child].Kind == FileKind.Removal)
            {
                Remove(to, layer.Name(child));
            }
        }

        foreach (var child in layer.Children(from))
        {
            var node = layer.Nodes[child];
            if (node.Kind == FileKind.Removal)
            {
                continue;
            }

            var name = layer.Name(child);
            if (node.Kind == FileKind.Folder && node.IsOpaque)
            {
                Replace(to, name);
            }

            var target = layer.Target(child) is { } text ? Encoding.UTF8.GetBytes(text) : [];
            node.Layer = number;
            node.Owner = OwnerNumber(layer.Owners[node.Owner]);
            node.IsOpaque = false;
            if (node.Kind == FileKind.Folder)
            {
                node.Size = 0; // It is counted anew.
                var folder = Folder(to, name);
                if (node.Entry >= 0)
                {
                    Describe(folder, node);
                }

                Apply(layer, child, folder, number);
            }
            else
            {
                Put(to, name, node, target);
            }
        }
    }

    private int Folder(int parent, string name)
    {
        if (_byName.TryGetValue((parent, name), out var known))
        {
            if (_nodes[known].Kind == FileKind.Folder)
            {
                return known;
            }

            _dead.Add(known);
        }

        return Create(parent, name, new FileNode { Kind = FileKind.Folder, Mode = 0b111_101_101, Entry = -1 });
    }

    private void Put(int parent, string name, FileNode node, byte[] target)
    {
        if (node.Kind == FileKind.Folder)
        {
            Describe(Folder(parent, name), node);
            return;
        }

        if (_byName.TryGetValue((parent, name), out var known))
        {
            _dead.Add(known);
        }

        (node.Target, node.TargetLength) = (Store(target), (ushort)target.Length);
        Create(parent, name, node);
    }

    private int Create(int parent, string name, FileNode node)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        node.Parent = parent;
        (node.Name, node.NameLength) = (Store(bytes), (ushort)bytes.Length);
        if (_nodes.Count > _limits.MaxEntries)
        {
            throw new LayerFaultException($"There are more than {_limits.MaxEntries:N0} files and folders, so reading stopped there.");
        }

        if (FileTree.SizeOf(_nodes.Count, _textLength) > _limits.MaxListSize)
        {
            throw new LayerFaultException("The names of its files take too much memory, so reading stopped there.");
        }

        _nodes.Add(node);
        _byName[(parent, name)] = _nodes.Count - 1;
        return _nodes.Count - 1;
    }

    private void Describe(int folder, FileNode by)
    {
        ref var node = ref CollectionsMarshal.AsSpan(_nodes)[folder];
        (node.Mode, node.Owner, node.Modified, node.Entry, node.Layer) = (by.Mode, by.Owner, by.Modified, by.Entry, by.Layer);
    }

    private void Remove(int parent, string name)
    {
        if (_byName.Remove((parent, name), out var known))
        {
            _dead.Add(known);
        }
    }

    /// <summary>An empty folder in the place of what is there: what was in the old one is found under its number, which nobody asks for any more.</summary>
    private void Replace(int parent, string name)
    {
        Remove(parent, name);
        Folder(parent, name);
    }

    private int Store(byte[] bytes)
    {
        if (_textLength + bytes.Length > _texts.Length)
        {
            Array.Resize(ref _texts, Math.Max(_texts.Length * 2, _textLength + bytes.Length));
        }

        bytes.CopyTo(_texts, _textLength);
        _textLength += bytes.Length;
        return _textLength - bytes.Length;
    }

    private int OwnerNumber(string owner)
    {
        if (_ownerNumbers.TryGetValue(owner, out var number))
        {
            return number;
        }

        if (_owners.Count == MaxOwners)
        {
            return 0;
        }

        _owners.Add(owner);
        _ownerNumbers[owner] = _owners.Count - 1;
        return _owners.Count - 1;
    }
}
