using Ncr.Core.Hosting;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Blobs.Collection;

/// <summary>One round on its way: what it is to do, and what it has found so far.</summary>
internal sealed class CollectionRound(CollectionOptions options, TimeProvider clock, Action<CollectionProgress> report)
{
    private readonly long _startedStamp = clock.GetTimestamp();
    private int _paced;

    public DateTime StartedAt { get; } = clock.GetUtcNow().UtcDateTime;

    public long Id { get; set; }

    /// <summary>Who asked for it; null for the server's own rounds.</summary>
    public string? StartedBy { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>Whether it looks everywhere for orphans, instead of at the folder whose turn it is.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether clients are served at the same time: then it goes slowly, and content waits for those who are about to read it.</summary>
    public bool IsServing { get; init; } = true;

    /// <summary>Whether it should end soon, because a person's round is waiting.</summary>
    public Func<bool> IsUnwanted { get; init; } = () => false;

    public int Blobs { get; private set; }

    public long BlobBytes { get; private set; }

    public int Uploads { get; private set; }

    public long UploadBytes { get; private set; }

    public int Orphans { get; private set; }

    public long OrphanBytes { get; private set; }

    public string? Error { get; private set; }

    public bool HasFreed => Blobs + Uploads + Orphans > 0;

    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    public TimeSpan Length => clock.GetElapsedTime(_startedStamp);

    public void AddBlobs(int count, long bytes)
    {
        (Blobs, BlobBytes) = (Blobs + count, BlobBytes + bytes);
        Count("blob", count, bytes);
    }

    public void AddUpload(long bytes)
    {
        (Uploads, UploadBytes) = (Uploads + 1, UploadBytes + bytes);
        Count("upload", 1, bytes);
    }

    public void AddOrphan(long bytes)
    {
        (Orphans, OrphanBytes) = (Orphans + 1, OrphanBytes + bytes);
        Count("orphan", 1, bytes);
    }

    /// <summary>The first fault is kept: the log has all of them.</summary>
    public void Fail(string error) => Error ??= error;

    public void Report(CollectionPhase phase, int done, int total) => report(new CollectionProgress(phase, done, total, ToRow(null)));

    /// <summary>Lets others go first, and waits when it is faster than the pace allows.</summary>
    public async Task PaceAsync(int blobs, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (!IsServing)
        {
            return;
        }

        _paced += blobs;
        var ahead = TimeSpan.FromSeconds((double)_paced / options.Pace) - clock.GetElapsedTime(_startedStamp);
        if (ahead > TimeSpan.Zero)
        {
            await Task.Delay(ahead, clock, cancellationToken);
        }
    }

    public CollectionRunRow ToRow(DateTime? endedAt) =>
        new(Id, StartedAt, endedAt, StartedBy, IsDryRun, Blobs, BlobBytes, Uploads, UploadBytes, Orphans, OrphanBytes, Error);

    private void Count(string kind, int count, long bytes)
    {
        if (!IsDryRun && count > 0)
        {
            NcrMetrics.Freed(kind, count, bytes);
        }
    }
}
