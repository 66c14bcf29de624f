namespace Ncr.Core.Hosting;

/// <summary>How long what was done stays recorded.</summary>
public sealed class AuditOptions
{
    public static readonly TimeSpan MinKeepFor = TimeSpan.FromDays(1);
    public static readonly TimeSpan MaxKeepFor = TimeSpan.FromDays(36500);

    /// <summary>How long events are kept; 00:00:00 for ever.</summary>
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(365);

    /// <summary>How long pulls are kept, of which there are many; 00:00:00 for as long as the rest.</summary>
    public TimeSpan KeepPullsFor { get; set; } = TimeSpan.FromDays(30);
}
