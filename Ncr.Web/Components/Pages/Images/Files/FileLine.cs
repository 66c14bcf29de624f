using Ncr.Core.Images.Files;

namespace Ncr.Web.Components.Pages.Images.Files;

/// <summary>A line of the tree as it is unfolded: a file or folder, or the offer to show more of a folder.</summary>
/// <param name="Level">How deep, from 0.</param>
internal sealed record FileLine(FileRow? Row, int Level)
{
    public bool IsOpen { get; set; }

    /// <summary>Of the offer: the folder, what it shows already and what it holds.</summary>
    public int Folder { get; init; }

    public int Known { get; init; }

    public int Total { get; init; }

    // Lines are things, not values: two offers may look alike.
    public bool Equals(FileLine? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
