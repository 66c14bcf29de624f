namespace Ncr.Core.Access;

/// <summary>What is sealed in a refresh token.</summary>
public sealed record RefreshTicket(string Key, int Version);
