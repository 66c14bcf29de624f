namespace Ncr.Core.Paging;

/// <summary>A part of an ordered list, and whether more comes after it.</summary>
public sealed record KeysetPage<T>(IReadOnlyList<T> Items, bool HasMore);
