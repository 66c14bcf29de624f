namespace Ncr.Core.Images.Files;

/// <summary>A part of what is in a folder, or of what a search found.</summary>
/// <param name="Total">How much there is; of a search, counted no further than it goes.</param>
/// <param name="Summary">Of all that is listed.</param>
public sealed record FileFolder(IReadOnlyList<FileRow> Rows, int Total, FileSummary Summary);

/// <param name="TotalSize">Bytes.</param>
/// <param name="Faults">What is not listed, and why.</param>
public sealed record FileSummary(int FileCount, int FolderCount, long TotalSize, IReadOnlyList<LayerFault> Faults);
