namespace Ncr.Core.Access;

/// <summary>One line of the <see cref="RoleMatrix"/>.</summary>
/// <param name="Action">What it is about, for people.</param>
/// <param name="Roles">Who may.</param>
/// <param name="Permissions">What it gives.</param>
public sealed record MatrixRow(string Action, RoleGroup Roles, params IReadOnlyList<Permission> Permissions)
{
    /// <summary>Whether NCR's own matrix leaves it open.</summary>
    public bool IsBeyondNcr { get; init; }
}
