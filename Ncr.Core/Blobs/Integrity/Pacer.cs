namespace Ncr.Core.Blobs.Integrity;

/// <summary>Holds a reader to a pace, so that pulls and pushes keep most of the disk.</summary>
/// <param name="mebibytesPerSecond">0 for no limit.</param>
internal sealed class Pacer(int mebibytesPerSecond, TimeProvider clock)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);

    /// <summary>A reader that was held up does not make up for it later in one rush.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private long _start = clock.GetTimestamp();
    private long _bytes;

    /// <summary>Waits until these bytes were due.</summary>
    public async ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        if (mebibytesPerSecond == 0)
        {
            return;
        }

        _bytes += bytes;
        var due = TimeSpan.FromSeconds(_bytes / (mebibytesPerSecond * 1024d * 1024));
        var ahead = due - clock.GetElapsedTime(_start);
        if (ahead < -Slack)
        {
            (_start, _bytes) = (clock.GetTimestamp(), 0);
        }
        else if (ahead > ShortestWait)
        {
            await Task.Delay(ahead, clock, cancellationToken);
        }
    }
}
