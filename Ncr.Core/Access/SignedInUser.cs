namespace Ncr.Core.Access;

/// <summary>A user whose password was right.</summary>
/// <param name="SecurityStamp">Goes into the session, which ends when the user's stamp changes.</param>
public sealed record SignedInUser(long Id, string Name, string SecurityStamp);
