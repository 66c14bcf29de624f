using MudBlazor;
using Ncr.Core.Images.Files;

namespace Ncr.Web.Components.Pages.Images.Files;

/// <summary>What lists of files say of one.</summary>
internal static class FileText
{
    private const string Bits = "rwxrwxrwx";

    /// <summary>As <c>ls -l</c> writes it.</summary>
    public static string Mode(FileRow row)
    {
        if (row.Kind is FileKind.Removal || row.Entry < 0)
        {
            return "";
        }

        var text = new char[10];
        text[0] = row.Kind switch
        {
            FileKind.Folder => 'd',
            FileKind.Symlink => 'l',
            FileKind.CharacterDevice => 'c',
            FileKind.BlockDevice => 'b',
            FileKind.Pipe => 'p',
            _ => '-',
        };
        for (var i = 0; i < Bits.Length; i++)
        {
            text[i + 1] = (row.Mode & (0x100 >> i)) != 0 ? Bits[i] : '-';
        }

        Special(text, 3, row.Mode, 0x800, 's');
        Special(text, 6, row.Mode, 0x400, 's');
        Special(text, 9, row.Mode, 0x200, 't');
        return new string(text);
    }

    public static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    public static string KindOf(FileKind kind) => kind switch
    {
        FileKind.Symlink => "symbolic link",
        FileKind.HardLink => "another name of the same file",
        FileKind.CharacterDevice => "character device",
        FileKind.BlockDevice => "block device",
        FileKind.Pipe => "named pipe",
        FileKind.Removal => "removed from the layers below",
        FileKind.Other => "a special file",
        _ => "",
    };

    public static string Icon(FileKind kind) => kind switch
    {
        FileKind.Folder => Icons.Material.Outlined.Folder,
        FileKind.Symlink or FileKind.HardLink => Icons.Material.Outlined.Link,
        FileKind.Removal => Icons.Material.Outlined.RemoveCircleOutline,
        FileKind.File => Icons.Material.Outlined.InsertDriveFile,
        _ => Icons.Material.Outlined.Memory,
    };

    private static void Special(char[] text, int place, int mode, int bit, char letter)
    {
        if ((mode & bit) != 0)
        {
            text[place] = text[place] == 'x' ? letter : char.ToUpperInvariant(letter);
        }
    }
}
