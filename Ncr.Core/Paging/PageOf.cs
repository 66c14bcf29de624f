namespace Ncr.Core.Paging;

/// <summary>A part of a list and how long the whole (filtered) list is.</summary>
public sealed record PageOf<T>(IReadOnlyList<T> Items, int Total);
