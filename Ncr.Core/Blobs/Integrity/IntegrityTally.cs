namespace Ncr.Core.Blobs.Integrity;

/// <summary>How far a run has come, in memory; its row follows every few seconds.</summary>
internal sealed class IntegrityTally
{
    private const int MaxNamed = 5;
    private const int MaxShown = 140;

    private long _bytes;
    private int _wrongRows;

    public required long RunId { get; init; }

    public required bool IsQuick { get; init; }

    /// <summary>The id of the last blob that was looked at.</summary>
    public long Position { get; set; }

    public int Blobs { get; set; }

    public int Manifests { get; set; }

    public int Damaged { get; set; }

    /// <summary>Bytes of the blobs up to <see cref="Position"/>.</summary>
    public long DoneBytes { get; set; }

    /// <summary>The same with what was read of the next one.</summary>
    public long Bytes
    {
        get => Interlocked.Read(ref _bytes);
        set => Interlocked.Exchange(ref _bytes, value);
    }

    /// <summary>Bytes when all is done, as far as was known at the start.</summary>
    public long TotalBytes { get; set; }

    /// <summary>What was counted when this process took the run up.</summary>
    public long FirstBytes { get; set; }

    /// <summary>Timestamp of the clock when this process took the run up.</summary>
    public long StartedAt { get; set; }

    /// <summary>What is wrong beyond single blobs, for the run's row; null when nothing is.</summary>
    public string? Trouble { get; set; }

    public void AddTrouble(string trouble) => Trouble = Trouble is null ? trouble : $"{Trouble} {trouble}";

    /// <summary>A blob's row in the database is damaged. The first few are named.</summary>
    public void AddWrongRow(long blobId, string digest)
    {
        if (_wrongRows++ < MaxNamed)
        {
            AddTrouble($"The row of blob {blobId} in the database has changed (its digest is '{(digest.Length > MaxShown ? digest[..MaxShown] + "…" : digest)}'). Restore the database from a backup.");
        }
    }

    public void AddBytes(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
