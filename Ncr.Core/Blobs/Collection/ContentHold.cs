namespace Ncr.Core.Blobs.Collection;

/// <summary>Keeps content where it is while somebody copies it, such as a backup. Take it before the copy of the database is made: what that names then stays.</summary>
internal sealed class ContentHold
{
    private int _holders;

    public bool IsHeld => Volatile.Read(ref _holders) > 0;

    /// <returns>Dispose it to let content go again.</returns>
    public IDisposable Take()
    {
        Interlocked.Increment(ref _holders);
        return new Holder(this);
    }

    private sealed class Holder(ContentHold hold) : IDisposable
    {
        private int _isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            {
                Interlocked.Decrement(ref hold._holders);
            }
        }
    }
}
