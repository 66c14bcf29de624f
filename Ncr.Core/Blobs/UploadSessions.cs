using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ncr.Core.Errors;

namespace Ncr.Core.Blobs;

/// <summary>The uploads that the server remembers between requests, one writer at a time each.</summary>
internal sealed class UploadSessions(IBlobStore store, TimeProvider clock)
{
    private static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, UploadSession> _sessions = new();
    private long _lastSweep = clock.GetTimestamp();

    /// <summary>Remembers a new, empty upload.</summary>
    public void Add(string id, IncrementalHash hash)
    {
        ForgetIdle();
        _sessions[id] = new UploadSession { Hash = hash, LastUsed = clock.GetTimestamp() };
    }

    /// <summary>Makes the caller the one who writes, until <see cref="Leave"/>.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.UploadUnknown"/>; <see cref="NcrError.Conflict"/>: another request is writing.</exception>
    public async Task<UploadSession> EnterAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_sessions.TryGetValue(id, out var session))
            {
                if (await store.FindUploadLengthAsync(id, cancellationToken) is null)
                {
                    throw UploadId.Unknown(id);
                }

                session = _sessions.GetOrAdd(id, _ => new UploadSession());
            }

            session.LastUsed = clock.GetTimestamp();
            if (!await session.Busy.WaitAsync(BusyPatience, cancellationToken))
            {
                throw new NcrException(NcrError.Conflict, "Another request is still writing to this upload. Wait until it has ended, then ask where the upload stands.");
            }

            if (_sessions.TryGetValue(id, out var current) && current == session)
            {
                return session;
            }

            session.Busy.Release(); // Ended, or forgotten, while it was waited for: look again.
        }
    }

    /// <summary>Makes the caller the one who writes, if nobody has used the upload for so long; null otherwise. End it with <see cref="Forget"/> and <see cref="Leave"/>.</summary>
    public UploadSession? TryEnterIdle(string id, TimeSpan idle)
    {
        var session = _sessions.GetOrAdd(id, _ => new UploadSession());
        if ((session.LastUsed != 0 && clock.GetElapsedTime(session.LastUsed) < idle) || !session.Busy.Wait(0))
        {
            return null;
        }

        if (_sessions.TryGetValue(id, out var current) && current == session)
        {
            return session;
        }

        session.Busy.Release();
        return null;
    }

    public void Leave(UploadSession session)
    {
        session.LastUsed = clock.GetTimestamp();
        session.Busy.Release();
    }

    /// <summary>The upload has ended.</summary>
    public void Forget(string id, UploadSession session)
    {
        _sessions.TryRemove(id, out _);
        session.Hash = null;
    }

    /// <summary>Sessions left alone lose their place in memory; the hash is rebuilt should they go on.</summary>
    private void ForgetIdle()
    {
        var now = clock.GetTimestamp();
        if (clock.GetElapsedTime(Interlocked.Read(ref _lastSweep), now) < IdleLimit / 10)
        {
            return;
        }

        Interlocked.Exchange(ref _lastSweep, now);
        foreach (var (id, session) in _sessions)
        {
            if (clock.GetElapsedTime(session.LastUsed, now) > IdleLimit && session.Busy.Wait(0))
            {
                Forget(id, session);
                session.Busy.Release();
            }
        }
    }
}
