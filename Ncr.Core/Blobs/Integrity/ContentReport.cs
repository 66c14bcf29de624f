namespace Ncr.Core.Blobs.Integrity;

/// <summary>What one check found.</summary>
/// <param name="Explanation">What is wrong in a few words for a person; empty when nothing is.</param>
/// <param name="BytesRead">How much was read for it.</param>
public sealed record ContentReport(ContentState State, string Explanation, long BytesRead)
{
    /// <summary>What a look at the length alone tells.</summary>
    /// <param name="found">Bytes that are there; null when there is nothing.</param>
    /// <param name="size">Bytes that should be.</param>
    public static ContentReport OfLength(long? found, long size) =>
        found is null ? new ContentReport(ContentState.Missing, "It is missing.", 0)
        : found != size ? new ContentReport(ContentState.WrongLength, $"It has {found} bytes instead of {size}.", 0)
        : new ContentReport(ContentState.Whole, "", 0);

    public bool IsWhole => State == ContentState.Whole;
}
