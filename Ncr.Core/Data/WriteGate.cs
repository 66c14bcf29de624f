using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Errors;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Data;

/// <summary>
/// The one door for writes (rule C8). One writer takes what is waiting, runs each piece behind its own savepoint, and commits
/// them together, so that many small writes share one flush of the disk. A caller goes on after the commit, never before.
/// </summary>
/// <remarks>Work must only talk to the database: no files, no network, no waiting. It may be run on any thread.</remarks>
internal sealed partial class WriteGate : IAsyncDisposable
{
    private const int MaxBatch = 128;

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly ReadCache _cache;
    private readonly ILogger<WriteGate> _logger;
    private readonly Channel<Piece> _queue = Channel.CreateUnbounded<Piece>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writer;

    /// <summary>The writer's own, open as long as all goes well, so that its prepared statements live.</summary>
    private NcrDbContext? _db;

    public WriteGate(IDbContextFactory<NcrDbContext> dbFactory, ReadCache cache, ILogger<WriteGate> logger)
    {
        _dbFactory = dbFactory;
        _cache = cache;
        _logger = logger;
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>Runs <paramref name="work"/> in a transaction (its changes are saved after it) and returns once that is committed.</summary>
    /// <exception cref="Exception">What the work threw; then nothing of it was kept.</exception>
    public async Task<T> RunAsync<T>(Func<NcrDbContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var piece = new Piece<T>(work, cancellationToken);
        if (!_queue.Writer.TryWrite(piece))
        {
            NcrMetrics.WriteTaken(piece.QueuedAt);
            throw new OperationCanceledException("The server is stopping.");
        }

        return await piece.Result;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer;
    }

    private async Task WriteAsync()
    {
        var batch = new List<Piece>(MaxBatch);
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            var startedAt = Stopwatch.GetTimestamp();
            try
            {
                var db = _db ??= await OpenAsync();
                await using var transaction = await db.Database.BeginTransactionAsync();
                while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var piece))
                {
                    NcrMetrics.WriteTaken(piece.QueuedAt);
                    batch.Add(piece);
                    await RunAsync(db, piece);
                }

                await transaction.CommitAsync();
                ForgetTouched(db);
                NcrMetrics.BatchCommitted(batch.Count, startedAt);
                batch.ForEach(piece => piece.Complete());
            }
            catch (Exception exception) // Every waiting caller gets it; the writer itself goes on with the next ones.
            {
                NcrMetrics.BatchFailed(exception is SqliteException { SqliteErrorCode: 5 or 6 });
                if (StorageFailure.Recognise(exception) is null)
                {
                    LogBatchFailed(_logger, exception, batch.Count); // Of those, who asked tells the log.
                }

                await CloseAsync();
                batch.ForEach(piece => piece.Fail(exception));
                while (batch.Count == 0 && _queue.Reader.TryRead(out var waiting))
                {
                    NcrMetrics.WriteTaken(waiting.QueuedAt);
                    waiting.Fail(exception); // The transaction could not even begin. All are told now: else each would wait out the lock in turn.
                }
            }
        }

        await CloseAsync();
    }

    private async Task<NcrDbContext> OpenAsync()
    {
        var db = await _dbFactory.CreateDbContextAsync();
        try
        {
            db.Database.AutoSavepointsEnabled = false;
            await db.Database.OpenConnectionAsync();
            return db;
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    /// <summary>After a failure nothing is known about the connection, nor whether the commit happened.</summary>
    private async Task CloseAsync()
    {
        if (_db is not { } db)
        {
            return;
        }

        _db = null;
        ForgetTouched(db);
        try
        {
            db.Sql.Clear();
            await db.DisposeAsync();
        }
        catch (SqliteException)
        {
            // The disk that failed the transaction fails its end too. The writer must outlive it.
        }
    }

    private void ForgetTouched(NcrDbContext db)
    {
        if (db.IsAllTouched)
        {
            _cache.ForgetAll();
        }

        foreach (var image in db.Touched)
        {
            _cache.Forget(image);
        }

        db.ClearTouched();
    }

    private static async Task RunAsync(NcrDbContext db, Piece piece)
    {
        await db.Sql.ExecuteAsync("SAVEPOINT piece");
        try
        {
            await piece.RunAsync(db);
        }
        catch (Exception exception) // It belongs to the caller who brought the piece.
        {
            piece.Fail(exception);
            try
            {
                await db.Sql.ExecuteAsync("ROLLBACK TO SAVEPOINT piece");
            }
            catch (Exception lost) when (lost is SqliteException or InvalidOperationException && StorageFailure.Recognise(exception) is not null)
            {
                ExceptionDispatchInfo.Throw(exception); // A full disk or an I/O error took the whole transaction with it: nothing of the batch is kept.
            }
        }

        await db.Sql.ExecuteAsync("RELEASE SAVEPOINT piece");
        db.ChangeTracker.Clear();
    }

    [LoggerMessage(LogLevel.Error, "A transaction of {Count} writes failed")]
    private static partial void LogBatchFailed(ILogger logger, Exception exception, int count);

    private abstract class Piece
    {
        public long QueuedAt { get; } = NcrMetrics.WriteQueued();

        public abstract Task RunAsync(NcrDbContext db);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Piece<T>(Func<NcrDbContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken) : Piece
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;

        public Task<T> Result => _completion.Task;

        public override async Task RunAsync(NcrDbContext db)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _value = await work(db, cancellationToken);
            if (db.ChangeTracker.HasChanges())
            {
                await db.SaveChangesAsync(cancellationToken);
            }
        }

        public override void Complete() => _completion.TrySetResult(_value!);

        public override void Fail(Exception exception) => _completion.TrySetException(exception);
    }
}
