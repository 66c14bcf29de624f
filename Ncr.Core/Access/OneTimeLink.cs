namespace Ncr.Core.Access;

/// <summary>What lets somebody choose a password once, without the old one.</summary>
/// <param name="Code">Secret; only its hash is kept.</param>
public sealed record OneTimeLink(string User, string Code, DateTime ExpiresAt);
