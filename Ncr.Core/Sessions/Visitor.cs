namespace Ncr.Core.Sessions;

/// <summary>Where a sign-in comes from.</summary>
/// <param name="Address">The network address.</param>
/// <param name="UserAgent">What the browser says it is.</param>
public sealed record Visitor(string? Address, string? UserAgent)
{
    /// <summary>Nothing is known of it.</summary>
    public static Visitor Unknown { get; } = new(null, null);
}
