namespace Ncr.Core.Access;

/// <summary>
/// Who is asking. It only identifies: what the actor may do is looked up by <see cref="AccessService"/> at each command (rule C5).
/// </summary>
/// <param name="UserId">The user; null for nobody and for the system.</param>
/// <param name="Name">For events and pages: the user's name.</param>
/// <param name="Address">The network address the request came from; null within the program.</param>
public sealed record Actor(long? UserId, string Name, string? Address = null)
{
    /// <summary>The program itself: may do everything.</summary>
    public static Actor System { get; } = new(null, "system");

    /// <summary>Somebody who did not say who.</summary>
    public static Actor Anonymous(string? address, Entrance entrance = Entrance.Usual) => new(null, "", address) { Entrance = entrance };

    /// <summary>What the access key that was used allows at most, as it was when the request came.</summary>
    public KeyLimits Limits { get; init; } = KeyLimits.None;

    /// <summary>How the request came in.</summary>
    public Entrance Entrance { get; init; }

    public bool IsSystem => ReferenceEquals(this, System);
}
