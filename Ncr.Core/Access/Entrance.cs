namespace Ncr.Core.Access;

/// <summary>How a request came in.</summary>
[Flags]
public enum Entrance
{
    /// <summary>By a listener for everybody, straight from its client or by a proxy that is listed in the settings.</summary>
    Usual = 0,

    /// <summary>By the private listener.</summary>
    Private = 1,

    /// <summary>By a proxy that is not listed: whose address it carries nobody knows, so it counts as from none of the networks that something is limited to.</summary>
    Relayed = 2,
}
