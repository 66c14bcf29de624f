namespace Ncr.Core.Access;

/// <summary>Somebody who has just signed in.</summary>
/// <param name="Token">Names the session; only its cookie holds it.</param>
public sealed record SignedInUser(long Id, string Name, string Token);
