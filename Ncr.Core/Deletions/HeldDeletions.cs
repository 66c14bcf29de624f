namespace Ncr.Core.Deletions;

/// <summary>What lies ready to be restored.</summary>
/// <param name="Size">Bytes that nothing else needed when it was deleted.</param>
/// <param name="NextExpiry">When the first of it goes for good; null when there is nothing.</param>
public sealed record HeldDeletions(int Count, long Size, DateTime? NextExpiry);
