namespace Ncr.Core.Blobs.Collection;

/// <summary>Reads figures for open pages, however many there are: always anew while that is cheap, and else so seldom that it takes no more than a twentieth of one processor's time.</summary>
internal sealed class SparingReader<T>(Func<CancellationToken, Task<T>> read, TimeProvider clock)
{
    private const int Share = 20;
    private static readonly TimeSpan Cheap = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private Reading? _reading;

    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_reading is not { } last || !last.IsGood(clock))
            {
                _reading = new Reading(read, clock);
            }

            return _reading.Value.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The next reader gets fresh figures.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _reading = null;
        }
    }

    private sealed class Reading
    {
        private readonly long _started;
        private long _ended;

        public Reading(Func<CancellationToken, Task<T>> read, TimeProvider clock)
        {
            _started = clock.GetTimestamp();
            Value = Task.Run(async () =>
            {
                var value = await read(CancellationToken.None); // Several may wait for it.
                Volatile.Write(ref _ended, clock.GetTimestamp());
                return value;
            });
        }

        public Task<T> Value { get; }

        public bool IsGood(TimeProvider clock)
        {
            if (!Value.IsCompleted)
            {
                return true;
            }

            var cost = clock.GetElapsedTime(_started, _ended);
            return Value.IsCompletedSuccessfully && cost > Cheap && clock.GetElapsedTime(_ended) < cost * Share;
        }
    }
}
