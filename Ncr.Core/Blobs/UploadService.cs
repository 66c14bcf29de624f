using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Images;

namespace Ncr.Core.Blobs;

/// <summary>
/// Upload sessions. Nothing of them is in the database: a session is what the store holds under its id, so it goes on after a
/// restart, and the id is bound to its image, so that another image can't use it.
/// </summary>
public sealed class UploadService
{
    private readonly UploadSessions _sessions;
    private readonly PendingCommits _pending;
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly ReadCache _cache;
    private readonly WriteGate _writes;
    private readonly IBlobStore _store;
    private readonly AccessService _access;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal UploadService(IDbContextFactory<NcrDbContext> dbFactory, ReadCache cache, WriteGate writes, IBlobStore store, AccessService access, EventLog events, UploadSessions sessions, PendingCommits pending, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _cache = cache;
        _writes = writes;
        _store = store;
        _access = access;
        _events = events;
        _clock = clock;
        _sessions = sessions;
        _pending = pending;
    }

    /// <summary>Begins an upload.</summary>
    /// <param name="algorithm">By which the client will name the content, if it said so.</param>
    /// <exception cref="NcrException"><see cref="NcrError.RegistryUnknown"/>, <see cref="NcrError.Denied"/>.</exception>
    public async Task<UploadStatus> StartAsync(Actor actor, ImageName image, HashAlgorithmName? algorithm, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        await RequireRegistryAsync(image.Registry, cancellationToken);
        var id = UploadId.New(image);
        await _store.CreateUploadAsync(id, cancellationToken);
        _sessions.Add(id, IncrementalHash.CreateHash(algorithm ?? HashAlgorithmName.SHA256));
        return new UploadStatus(id, 0);
    }

    /// <summary>Where an upload stands.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.UploadUnknown"/>.</exception>
    public async Task<UploadStatus> GetAsync(Actor actor, ImageName image, string id, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        UploadId.Require(image, id);
        return new UploadStatus(id, await _store.FindUploadLengthAsync(id, cancellationToken) ?? throw UploadId.Unknown(id));
    }

    /// <summary>Adds bytes to an upload. What arrived before a failure stays, and the client can go on from there.</summary>
    /// <param name="range">The part that the client says it sends; null when it does not say.</param>
    /// <param name="length">Bytes announced; null when unknown.</param>
    /// <exception cref="NcrException"><see cref="NcrError.UploadUnknown"/>, <see cref="NcrError.UploadRangeInvalid"/>, <see cref="NcrError.SizeInvalid"/>.</exception>
    public async Task<UploadStatus> AppendAsync(Actor actor, ImageName image, string id, Stream body, ChunkRange? range, long? length, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        UploadId.Require(image, id);
        var session = await _sessions.EnterAsync(id, cancellationToken);
        try
        {
            await AppendAsync(id, session, HashAlgorithmName.SHA256, body, range, length, cancellationToken);
            return new UploadStatus(id, session.Offset);
        }
        finally
        {
            _sessions.Leave(session);
        }
    }

    /// <summary>Ends an upload: the rest of the bytes, if any, then the check against <paramref name="digest"/>, then the blob is there, durably.</summary>
    /// <exception cref="NcrException">As for appending, and <see cref="NcrError.DigestInvalid"/>: then the upload is dropped.</exception>
    public async Task CompleteAsync(Actor actor, ImageName image, string id, Digest digest, Stream body, ChunkRange? range, long? length, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        UploadId.Require(image, id);
        var session = await _sessions.EnterAsync(id, cancellationToken);
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
                _sessions.Forget(id, session);
                throw new NcrException(NcrError.DigestInvalid, $"The content received has the digest {actual}, not {digest}. Upload it again.", new { digest = digest.ToString(), actual = actual.ToString() });
            }

            var size = session.Offset;
            using var pending = _pending.Begin(); // Before the content is in place: the collector must not take it for one that a crash left.
            string location;
            try
            {
                location = await _store.CompleteUploadAsync(id, cancellationToken);
            }
            finally
            {
                _sessions.Forget(id, session); // After a failure too: what the store still has of it decides where it goes on.
            }

            await CommitOrDropAsync(image, digest, size, location);
        }
        finally
        {
            _sessions.Leave(session);
        }
    }

    /// <summary>Drops an upload.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.UploadUnknown"/>.</exception>
    public async Task CancelAsync(Actor actor, ImageName image, string id, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.PushImage, image.Registry, cancellationToken);
        UploadId.Require(image, id);
        var session = await _sessions.EnterAsync(id, cancellationToken);
        try
        {
            await _store.DeleteUploadAsync(id, cancellationToken);
            _sessions.Forget(id, session);
        }
        finally
        {
            _sessions.Leave(session);
        }
    }

    private async ValueTask RequireRegistryAsync(string registry, CancellationToken cancellationToken)
    {
        if (_cache.TryGet<object>(registry, 'r', "", out _))
        {
            return;
        }

        var stamp = _cache.StampOf(registry);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        _cache.Set(registry, 'r', "", await BlobLinks.GetRegistryIdAsync(db, registry), 0, stamp);
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
            await UploadPump.CopyAsync(body, writer, session, cancellationToken);
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
            async (db, _) =>
            {
                var now = _clock.GetUtcNow().UtcDateTime;
                var imageKeys = await BlobLinks.GetOrAddImageAsync(db, image, now);
                var text = digest.ToString();
                var known = await db.Sql.FirstAsync(
                    """SELECT "Id", "DamagedAt" IS NOT NULL FROM "Blobs" WHERE "Digest" = @0""",
                    row => new { Id = row.GetInt64(0), IsDamaged = row.GetBoolean(1) },
                    text);
                if (known is { IsDamaged: true })
                {
                    // Pushed again, it is whole again, for every image that has it.
                    await CollectionQueue.DiscardContentAsync(db, known.Id, now);
                    await db.Sql.ExecuteAsync("""UPDATE "Blobs" SET "Size" = @1, "Location" = @2, "DamagedAt" = NULL, "Damage" = NULL WHERE "Id" = @0""", known.Id, size, location);
                    await _events.AddAsync(db, Actor.System, EventTypes.ContentRestored, null, null, null, text, "It was pushed again.");
                    db.TouchAll();
                }

                var blobId = known?.Id ?? await db.Sql.ScalarAsync<long>(
                    """INSERT INTO "Blobs" ("Digest", "Size", "Location", "CreatedAt") VALUES (@0, @1, @2, @3) RETURNING "Id" """, text, size, location, now);
                await BlobLinks.LinkAsync(db, imageKeys.Id, blobId!.Value, now);
                return known is null or { IsDamaged: true };
            },
            CancellationToken.None); // The content is in place; a client that hangs up now must not leave it without its row.
}
