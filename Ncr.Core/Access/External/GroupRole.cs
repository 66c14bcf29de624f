namespace Ncr.Core.Access.External;

/// <summary>The role that a group at the provider has.</summary>
/// <param name="Registry">In which registry; null for everywhere.</param>
internal sealed record GroupRole(string Group, Role Role, string? Registry);
