namespace Ncr.Core.Hosting;

/// <summary>Section <c>Ncr:Integrity</c>: how stored content is read back to find what a disk has lost.</summary>
public sealed class IntegrityOptions
{
    /// <summary>MiB a second that a full check reads at most; 0 for as fast as the disk gives them.</summary>
    public int Pace { get; set; } = 50;

    /// <summary>How long after the start of one full check the next one starts by itself; 0 for never. A month is what disk arrays take: a fault is found while backups from before it are still kept.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromDays(30);
}
