using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Ncr.Core.Blobs;

namespace Ncr.Core.Backups;

/// <summary>
/// Copies the content that a database names and the target lacks. Content never changes and its place is never used again (rule C2), so what is
/// there with the right length was copied before. All that is copied is hashed on its way: bad content is never passed on for good.
/// </summary>
internal sealed class ContentCopier(ContentFolder source, ContentFolder target)
{
    /// <summary>Flushes of small files wait for the disk; a few at a time share its effort.</summary>
    private const int AtOnce = 4;

    private readonly ConcurrentDictionary<string, bool> _folders = new();
    private readonly ConcurrentQueue<(ContentRows.Row Row, string Explanation)> _damaged = new();
    private long _count;
    private long _bytes;

    public sealed record Result(long Count, long Bytes, IReadOnlyList<(ContentRows.Row Row, string Explanation)> Damaged);

    /// <summary>What there is to copy.</summary>
    public async Task<(long Count, long Bytes)> MeasureAsync(SqliteConnection database, CancellationToken cancellationToken)
    {
        var (count, bytes) = (0L, 0L);
        await foreach (var row in LackingAsync(database, cancellationToken))
        {
            count++;
            bytes += row.Size;
        }

        return (count, bytes);
    }

    /// <summary>Copies it; when this returns, all of it is durable.</summary>
    /// <param name="total">Pieces to copy, for progress.</param>
    /// <param name="before">Called before each piece; throws to end it all.</param>
    public async Task<Result> CopyAsync(SqliteConnection database, long total, IProgress<BackupProgress>? progress, Action? before, CancellationToken cancellationToken)
    {
        DurableFile.MakeFolder(target.Root);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(LackingAsync(database, cancellationToken), options, async (row, token) =>
        {
            before?.Invoke();
            await CopyAsync(row, bytes => progress?.Report(new BackupProgress("Copying content", Interlocked.Read(ref _count), total, Interlocked.Add(ref _bytes, bytes))), token);
            progress?.Report(new BackupProgress("Copying content", Interlocked.Increment(ref _count), total, Interlocked.Read(ref _bytes)));
        });
        foreach (var folder in _folders.Keys)
        {
            DurableFolder.Flush(folder);
        }

        if (!_folders.IsEmpty)
        {
            DurableFolder.Flush(target.Root); // The folders themselves.
        }

        return new Result(_count - _damaged.Count, _bytes, [.. _damaged.OrderBy(d => d.Row.Location, StringComparer.Ordinal)]);
    }

    private async IAsyncEnumerable<ContentRows.Row> LackingAsync(SqliteConnection database, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in ContentRows.ReadAsync(database, cancellationToken))
        {
            if (target.FindLength(row.Location) != row.Size)
            {
                yield return row;
            }
        }
    }

    private async Task CopyAsync(ContentRows.Row row, Action<int> wrote, CancellationToken cancellationToken)
    {
        if (!ContentFolder.IsLocation(row.Location) || !Digest.TryParse(row.Digest, out var digest))
        {
            _damaged.Enqueue((row, "Its row in the database is wrong."));
            return;
        }

        Microsoft.Win32.SafeHandles.SafeFileHandle file;
        try
        {
            file = source.OpenHandle(row.Location);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            _damaged.Enqueue((row, "It is missing."));
            return;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _damaged.Enqueue((row, $"It can't be read: {exception.Message}"));
            return;
        }

        using (file)
        {
            var path = target.PathOf(row.Location);
            var folder = Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(folder);
            _folders[folder] = true;
            try
            {
                await DurableFile.CopyAsync(
                    file,
                    path,
                    digest.Algorithm,
                    (length, hash) => Accept(row, length, Digest.OfHash(digest.Algorithm, hash)),
                    wrote,
                    cancellationToken);
            }
            catch (SourceUnreadableException exception) // A bad sector must not keep all the rest from being copied.
            {
                _damaged.Enqueue((row, $"It can't be read: {exception.Message}"));
            }
        }
    }

    private bool Accept(ContentRows.Row row, long length, Digest digest)
    {
        if (length == row.Size && digest.ToString() == row.Digest)
        {
            return true;
        }

        _damaged.Enqueue((row, length != row.Size ? $"It has {length} bytes instead of {row.Size}." : $"Its bytes have changed: they have the digest {digest}."));
        return false;
    }
}
