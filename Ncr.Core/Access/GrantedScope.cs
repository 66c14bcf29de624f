namespace Ncr.Core.Access;

/// <summary>A resource and the actions that a token may be used for (Docker token protocol, "resource scope").</summary>
public sealed record GrantedScope(string Type, string Name, IReadOnlyList<string> Actions);
