namespace Ncr.Core.Access;

/// <summary>What a user may do everywhere.</summary>
public enum Role
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Everything.</summary>
    Administrator,
}
