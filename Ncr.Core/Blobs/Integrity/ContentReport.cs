namespace Ncr.Core.Blobs.Integrity;

/// <summary>What one check found.</summary>
/// <param name="Explanation">What is wrong in a few words for a person; empty when nothing is.</param>
/// <param name="BytesRead">How much was read for it.</param>
public sealed record ContentReport(ContentState State, string Explanation, long BytesRead)
{
    public bool IsWhole => State == ContentState.Whole;
}
