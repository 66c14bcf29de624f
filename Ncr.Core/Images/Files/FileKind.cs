namespace Ncr.Core.Images.Files;

/// <summary>What something in a layer is.</summary>
public enum FileKind : byte
{
    File,

    Folder,

    Symlink,

    /// <summary>Another name of a file of the same layer.</summary>
    HardLink,

    CharacterDevice,

    BlockDevice,

    Pipe,

    /// <summary>A mark that takes a file of the layers below away (image-spec, layer.md § Whiteouts).</summary>
    Removal,

    /// <summary>A kind that is not known, or a file with holes, whose content can't be shown.</summary>
    Other,
}
