namespace Ncr.Core.Hosting;

/// <summary>What happens to what people delete.</summary>
public sealed class DeletionOptions
{
    public static readonly TimeSpan MaxRestoreTime = TimeSpan.FromDays(365);

    /// <summary>How long a deleted tag, artifact, image or registry can be restored; its content takes room until then. 00:00:00 deletes for good at once.</summary>
    public TimeSpan RestoreTime { get; set; } = TimeSpan.FromDays(1);
}
