namespace Ncr.Core.Outgoing;

/// <summary>Why a call did not come to its end.</summary>
public enum OutgoingFault
{
    /// <summary>The settings don't let it.</summary>
    Refused,

    /// <summary>Nobody answers there, or there is no such name.</summary>
    Unreachable,

    /// <summary>It took too long.</summary>
    TooSlow,

    /// <summary>The answer is larger than it may be.</summary>
    TooLarge,

    /// <summary>It was redirected in a way that is not followed.</summary>
    Redirected,
}
