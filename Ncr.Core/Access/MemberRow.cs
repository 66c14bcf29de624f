namespace Ncr.Core.Access;

/// <summary>Somebody's role in a registry.</summary>
public sealed record MemberRow(long UserId, string User, bool IsService, bool IsDisabled, Role Role);
