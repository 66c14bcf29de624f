using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Images;

namespace Ncr.Core.Blobs;

/// <summary>
/// Upload sessions. Nothing of them is in the database: a session is what the store holds under its id, so it goes on after a
/// restart, and the id is bound to its image, so that another image can't use it.
/// </summary>
public sealed class UploadService
{
    private static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Forgetting = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, UploadSession> _sessions = new();
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly IBlobStore _store;
    private readonly AccessService _access;
    private readonly TimeProvider _clock;
    private long _lastForgetting;

    internal UploadService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, IBlobStore store, AccessService access, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _store = store;
        _access = access;
        _clock = clock;
        _lastForgetting = clock.GetTimestamp();
    }

    /// <summary>Begins an upload.</summary>
    /// <param name="algorithm">By which the client will name the content, if it said so.</param>
    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>, <see cref="NcrError.Denied"/>.</exception>
    public async Task<UploadStatus> StartAsync(Actor actor, ImageName image, HashAlgorithmName? algorithm, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        await using (var db = await _dbFactory.CreateDbContextAsync(cancellationToken))
        {
            await BlobLinks.GetRegistryIdAsync(db, image.Registry);
        }

        ForgetIdleSessions();
        var id = NewId(image);
        await _store.CreateUploadAsync(id, cancellationToken);
        _sessions[id] = new UploadSession { Hash = IncrementalHash.CreateHash(algorithm ?? HashAlgorithmName.SHA256), LastUsed = _clock.GetTimestamp() };
        return new UploadStatus(id, 0);
    }

    /// <summary>Where an upload stands.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.UploadUnknown"/>.</exception>
    public async Task<UploadStatus> GetAsync(Actor actor, ImageName image, string id, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        RequireOwn(image, id);
        return new UploadStatus(id, await _store.FindUploadLengthAsync(id, cancellationToken) ?? throw Unknown(id));
    }

    /// <summary>Adds bytes to an upload. What arrived before a failure stays, and the client can go on from there.</summary>
    /// <param name="range">The part that the client says it sends; null when it does not say.</param>
    /// <param name="length">Bytes announced; null when unknown.</param>
    /// <exception cref="NcrException"><see cref="NcrError.UploadUnknown"/>, <see cref="NcrError.UploadRangeInvalid"/>, <see cref="NcrError.SizeInvalid"/>.</exception>
    public async Task<UploadStatus> AppendAsync(Actor actor, ImageName image, string id, Stream body, ChunkRange? range, long? length, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        RequireOwn(image, id);
        var session = await EnterAsync(id, cancellationToken);
        try
        {
            await AppendAsync(id, session, HashAlgorithmName.SHA256, body, range, length, cancellationToken);
            return new UploadStatus(id, session.Offset);
        }
        finally
        {
            Leave(session);
        }
    }

    /// <summary>Ends an upload: the rest of the bytes, if any, then the check against <paramref name="digest"/>, then the blob is there, durably.</summary>
    /// <exception cref="NcrException">As for appending, and <see cref="NcrError.DigestInvalid"/>: then the upload is dropped.</exception>
    public async Task CompleteAsync(Actor actor, ImageName image, string id, Digest digest, Stream body, ChunkRange? range, long? length, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        RequireOwn(image, id);
        var session = await EnterAsync(id, cancellationToken);
        try
        {
            if (length != 0)
            {
                await AppendAsync(id, session, digest.Algorithm, body, range, length, cancellationToken);
            }

            if (session.Hash?.AlgorithmName != digest.Algorithm)
            {
                await RebuildAsync(id, session, digest.Algorithm, cancellationToken);
            }

            var actual = Digest.OfHash(digest.Algorithm, session.Hash!.GetCurrentHash());
            if (actual != digest)
            {
                await _store.DeleteUploadAsync(id, cancellationToken);
                Forget(id, session);
                throw new NcrException(NcrError.DigestInvalid, $"The content received has the digest {actual}, not {digest}. Upload it again.", new { digest = digest.ToString(), actual = actual.ToString() });
            }

            var size = session.Offset;
            var location = await _store.CompleteUploadAsync(id, cancellationToken);
            Forget(id, session);
            await CommitOrDropAsync(image, digest, size, location);
        }
        finally
        {
            Leave(session);
        }
    }

    /// <summary>Drops an upload.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.UploadUnknown"/>.</exception>
    public async Task CancelAsync(Actor actor, ImageName image, string id, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        RequireOwn(image, id);
        var session = await EnterAsync(id, cancellationToken);
        try
        {
            await _store.DeleteUploadAsync(id, cancellationToken);
            Forget(id, session);
        }
        finally
        {
            Leave(session);
        }
    }

    private async Task AppendAsync(string id, UploadSession session, HashAlgorithmName algorithm, Stream body, ChunkRange? range, long? length, CancellationToken cancellationToken)
    {
        if (session.Hash is null)
        {
            await RebuildAsync(id, session, algorithm, cancellationToken);
        }

        if (range is { } chunk)
        {
            if (chunk.Start != session.Offset)
            {
                throw new NcrException(NcrError.UploadRangeInvalid, $"The chunk starts at {chunk.Start}, but the upload stands at {session.Offset}. Send from there.", new { offset = session.Offset });
            }

            if (length is { } announced && announced != chunk.Length)
            {
                throw new NcrException(NcrError.SizeInvalid, $"Content-Range promises {chunk.Length} bytes, Content-Length {announced}.");
            }
        }

        var start = session.Offset;
        await using (var writer = await _store.OpenUploadAsync(id, start, cancellationToken))
        {
            await UploadPump.CopyAsync(body, length, writer, session, cancellationToken);
        }

        var received = session.Offset - start;
        if (range is { } promised && promised.Length != received)
        {
            throw new NcrException(NcrError.SizeInvalid, $"Content-Range promises {promised.Length} bytes, but {received} came. The upload stands at {session.Offset}.");
        }
    }

    private async Task RebuildAsync(string id, UploadSession session, HashAlgorithmName algorithm, CancellationToken cancellationToken)
    {
        // The session learns of it only once all was read: a part of a hash would pass for the whole.
        session.Hash = null;
        var hash = IncrementalHash.CreateHash(algorithm);
        try
        {
            var offset = 0L;
            await using var stored = await _store.ReadUploadAsync(id, cancellationToken);
            var buffer = new byte[1 << 20];
            int read;
            while ((read = await stored.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                offset += read;
            }

            session.Offset = offset;
        }
        catch
        {
            hash.Dispose();
            throw;
        }

        session.Hash = hash;
    }

    private async Task CommitOrDropAsync(ImageName image, Digest digest, long size, string location)
    {
        bool isNew;
        try
        {
            isNew = await CommitAsync(image, digest, size, location);
        }
        catch (NcrException)
        {
            await _store.DeleteAsync(location, CancellationToken.None); // Refused, so no row names it.
            throw;
        }

        if (!isNew)
        {
            await _store.DeleteAsync(location, CancellationToken.None); // Known already: the second copy goes (rule C2).
        }
    }

    /// <returns>False when the digest was known and its content stays where it was.</returns>
    private Task<bool> CommitAsync(ImageName image, Digest digest, long size, string location) =>
        _writes.RunAsync(
            async (db, token) =>
            {
                var now = _clock.GetUtcNow().UtcDateTime;
                var imageId = await BlobLinks.GetOrAddImageAsync(db, image, now, token);
                if (await BlobLinks.FindBlobIdAsync(db, digest) is { } known)
                {
                    await BlobLinks.LinkAsync(db, imageId, known, now);
                    return false;
                }

                var blob = new Blob { Digest = digest.ToString(), Size = size, Location = location, CreatedAt = now };
                db.Blobs.Add(blob);
                db.ImageBlobs.Add(new ImageBlob { ImageId = imageId, Blob = blob, LinkedAt = now });
                return true;
            },
            CancellationToken.None); // The content is in place; a client that hangs up now must not leave it without its row.

    private async Task<UploadSession> EnterAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_sessions.TryGetValue(id, out var session))
            {
                if (await _store.FindUploadLengthAsync(id, cancellationToken) is null)
                {
                    throw Unknown(id);
                }

                session = _sessions.GetOrAdd(id, _ => new UploadSession());
            }

            session.LastUsed = _clock.GetTimestamp();
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

    private void Leave(UploadSession session)
    {
        session.LastUsed = _clock.GetTimestamp();
        session.Busy.Release();
    }

    private void Forget(string id, UploadSession session)
    {
        _sessions.TryRemove(id, out _);
        session.Hash = null;
    }

    /// <summary>Sessions left alone lose their place in memory; the hash is rebuilt should they go on.</summary>
    private void ForgetIdleSessions()
    {
        var now = _clock.GetTimestamp();
        if (_clock.GetElapsedTime(Interlocked.Read(ref _lastForgetting), now) < Forgetting / 10)
        {
            return;
        }

        Interlocked.Exchange(ref _lastForgetting, now);
        foreach (var (id, session) in _sessions)
        {
            if (_clock.GetElapsedTime(session.LastUsed, now) > Forgetting && session.Busy.Wait(0))
            {
                Forget(id, session);
                session.Busy.Release();
            }
        }
    }

    private static string NewId(ImageName image) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + Mark(image);

    private static string Mark(ImageName image) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image.ToString())).AsSpan(0, 4));

    private static void RequireOwn(ImageName image, string id)
    {
        if (id.Length != 40 || !id.All(char.IsAsciiHexDigitLower) || !id.EndsWith(Mark(image), StringComparison.Ordinal))
        {
            throw Unknown(id);
        }
    }

    private static NcrException Unknown(string id) =>
        new(NcrError.UploadUnknown, "This upload does not exist: it was finished, cancelled, or never begun for this image. Begin a new one.", new { upload = id.Length <= 64 ? id : id[..64] });
}
