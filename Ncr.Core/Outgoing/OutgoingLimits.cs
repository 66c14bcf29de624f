namespace Ncr.Core.Outgoing;

/// <summary>What a call may take.</summary>
/// <param name="ConnectTimeout">Until a connection is there.</param>
/// <param name="Timeout">For all of it: redirects, and reading the answer, included.</param>
/// <param name="MaxAnswer">Bytes of the answer's body.</param>
public sealed record OutgoingLimits(TimeSpan ConnectTimeout, TimeSpan Timeout, long MaxAnswer)
{
    /// <summary>For documents: seconds, and a few MiB.</summary>
    public static OutgoingLimits Documents { get; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20), 4 << 20);
}
