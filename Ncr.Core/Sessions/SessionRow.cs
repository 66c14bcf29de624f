namespace Ncr.Core.Sessions;

/// <summary>A session in a list.</summary>
/// <param name="Address">Where it was last used from.</param>
/// <param name="UserAgent">What the browser says it is.</param>
/// <param name="IsCurrent">Whether it is the one that asks.</param>
public sealed record SessionRow(long Id, SessionOrigin Origin, DateTime CreatedAt, DateTime LastSeenAt, string? Address, string? UserAgent, bool IsCurrent);
