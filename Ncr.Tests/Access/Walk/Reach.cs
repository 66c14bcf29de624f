namespace Ncr.Tests.Access.Walk;

/// <summary>Which of somebody's roles count for something.</summary>
public enum Reach
{
    /// <summary>It belongs to a registry: roles everywhere, and those in that registry.</summary>
    Registry,

    /// <summary>It lists over registries: any role anywhere, and then only of the registries it was given in.</summary>
    Lists,

    /// <summary>It belongs to no registry: only a role everywhere.</summary>
    Server,

    /// <summary>It is one's own: whoever has an account.</summary>
    Own,
}
