namespace Ncr.Core.Hosting;

/// <summary>How what nothing needs any more is taken off the storage.</summary>
public sealed class CollectionOptions
{
    public static readonly TimeSpan MinGrace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a blob stays after it was last uploaded, mounted, asked for by a push, or needed by an artifact. It must be longer than
    /// the longest push: a push uploads its layers first and names them in a manifest at its end.
    /// </summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How often the server looks for something to collect.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The most blobs collected in a second, so that pushes and pulls hardly notice.</summary>
    public int Pace { get; set; } = 500;

    /// <summary>How long an upload may lie untouched before it is given up.</summary>
    public TimeSpan UploadLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long content stays after its row went: for readers that looked the row up already and are about to open it.</summary>
    internal TimeSpan ReadDelay => Grace < TimeSpan.FromMinutes(1) ? Grace : TimeSpan.FromMinutes(1);
}
