namespace Ncr.Core.Access;

/// <summary>An access key that proved to be live, and whose it is.</summary>
public sealed record AuthenticatedKey(Actor Actor, string Key, int Version);
