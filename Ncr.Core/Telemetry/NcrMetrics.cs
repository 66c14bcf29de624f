using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ncr.Core.Telemetry;

/// <summary>
/// What the server counts about itself. All names and units are here; docs/operations.md lists them as Prometheus shows them.
/// Counting costs next to nothing while nobody listens, and tags have few values: never an image, a user or a digest.
/// </summary>
public static class NcrMetrics
{
    /// <summary>The meter, for whoever listens.</summary>
    public static readonly Meter Meter = new("Ncr");

    private static readonly Histogram<double> Requests = Meter.CreateHistogram<double>("ncr.request.duration", "s", "Requests of the registry API by what they did and how they ended");
    private static readonly UpDownCounter<long> InFlight = Meter.CreateUpDownCounter<long>("ncr.requests.in_flight", null, "Requests of the registry API that are being answered");
    private static readonly Counter<long> ReceivedBytes = Meter.CreateCounter<long>("ncr.received", "By", "Bytes of content that clients pushed");
    private static readonly Counter<long> SentBytes = Meter.CreateCounter<long>("ncr.sent", "By", "Bytes of content that clients pulled");
    private static readonly Counter<long> CacheLookups = Meter.CreateCounter<long>("ncr.cache.lookups", null, "Look-ups in a cache in memory, by cache and result");
    private static readonly Histogram<long> BatchSizes = Meter.CreateHistogram<long>("ncr.writes.batch_size", null, "How many writes shared one transaction");
    private static readonly Histogram<double> Commits = Meter.CreateHistogram<double>("ncr.writes.commit.duration", "s", "Time from the begin of a transaction to the end of its commit");
    private static readonly Histogram<double> Waits = Meter.CreateHistogram<double>("ncr.writes.wait.duration", "s", "How long a write waited for its turn");
    private static readonly Counter<long> WriteFailures = Meter.CreateCounter<long>("ncr.writes.failures", null, "Transactions that failed as a whole, by reason");
    private static readonly Counter<long> Collections = Meter.CreateCounter<long>("ncr.collection.runs", null, "Rounds of garbage collection, by result");
    private static readonly Histogram<double> CollectionTimes = Meter.CreateHistogram<double>("ncr.collection.duration", "s", "Length of a round of garbage collection");
    private static readonly Counter<long> FreedBytes = Meter.CreateCounter<long>("ncr.collection.freed", "By", "Bytes that garbage collection took off the storage, by kind");
    private static readonly Counter<long> FreedItems = Meter.CreateCounter<long>("ncr.collection.freed_items", null, "Blobs, uploads and orphans that garbage collection took away, by kind");
    private static readonly Counter<long> Checks = Meter.CreateCounter<long>("ncr.integrity.runs", null, "Integrity checks, by result");
    private static readonly Counter<long> CheckedBytes = Meter.CreateCounter<long>("ncr.integrity.checked", "By", "Bytes that integrity checks read");
    private static readonly Counter<long> CheckedItems = Meter.CreateCounter<long>("ncr.integrity.checked_items", null, "Blobs and manifests that integrity checks looked at");
    private static readonly Counter<long> Damaged = Meter.CreateCounter<long>("ncr.integrity.damaged", null, "Blobs and manifests found damaged, by checks and while serving");

    private static readonly KeyValuePair<string, object?> Ok = new("result", "ok");
    private static readonly KeyValuePair<string, object?> Failed = new("result", "failed");
    private static readonly KeyValuePair<string, object?> Hit = new("result", "hit");
    private static readonly KeyValuePair<string, object?> Miss = new("result", "miss");

    private static long _reclaimable;
    private static long _queued;
    private static long _freedBlobs;
    private static long _freedBlobBytes;

    static NcrMetrics()
    {
        Meter.CreateObservableGauge("ncr.collection.reclaimable", () => Volatile.Read(ref _reclaimable), "By", "Bytes that nothing needs any more and that wait out their time");
        Meter.CreateObservableGauge("ncr.writes.queued", () => Volatile.Read(ref _queued), null, "Writes that wait for the database");
    }

    /// <summary>Whether requests are to be timed at all.</summary>
    public static bool TimesRequests => Requests.Enabled;

    /// <summary>A request begins; its <see cref="RequestEnded"/> must follow.</summary>
    public static void RequestStarted() => InFlight.Add(1);

    /// <param name="operation">One of a small, fixed set, such as <c>manifest_get</c>.</param>
    /// <param name="status">The status code; only its class is kept.</param>
    /// <param name="startedAt">From <see cref="Stopwatch.GetTimestamp"/>.</param>
    public static void RequestEnded(string operation, int status, long startedAt)
    {
        InFlight.Add(-1);
        Requests.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, new("operation", operation), new("status", ClassOf(status)));
    }

    /// <summary>Bytes of content arrived from a client.</summary>
    public static void Received(long bytes) => ReceivedBytes.Add(bytes);

    /// <summary>Bytes of content went to a client.</summary>
    public static void Sent(long bytes) => SentBytes.Add(bytes);

    /// <param name="cache">A fixed name, such as <c>manifest</c>.</param>
    public static void CacheHit(string cache) => CacheLookups.Add(1, new("cache", cache), Hit);

    /// <param name="cache">A fixed name, such as <c>manifest</c>.</param>
    public static void CacheMiss(string cache) => CacheLookups.Add(1, new("cache", cache), Miss);

    /// <summary>A write waits for its turn; <see cref="WriteTaken"/> must follow.</summary>
    /// <returns>When; for <see cref="WriteTaken"/>.</returns>
    public static long WriteQueued()
    {
        Interlocked.Increment(ref _queued);
        return Waits.Enabled ? Stopwatch.GetTimestamp() : 0;
    }

    /// <param name="queuedAt">From <see cref="WriteQueued"/>.</param>
    public static void WriteTaken(long queuedAt)
    {
        Interlocked.Decrement(ref _queued);
        if (queuedAt != 0)
        {
            Waits.Record(Stopwatch.GetElapsedTime(queuedAt).TotalSeconds);
        }
    }

    /// <summary>One transaction was committed.</summary>
    /// <param name="writes">How many pieces it held.</param>
    /// <param name="startedAt">From <see cref="Stopwatch.GetTimestamp"/>, at its begin.</param>
    public static void BatchCommitted(int writes, long startedAt)
    {
        BatchSizes.Record(writes);
        Commits.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
    }

    /// <param name="busy">The database was locked by somebody else.</param>
    public static void BatchFailed(bool busy) => WriteFailures.Add(1, new KeyValuePair<string, object?>("reason", busy ? "busy" : "error"));

    /// <summary>A round of garbage collection ended.</summary>
    public static void CollectionEnded(bool succeeded, TimeSpan duration)
    {
        Collections.Add(1, succeeded ? Ok : Failed);
        CollectionTimes.Record(duration.TotalSeconds);
    }

    /// <summary>Garbage collection took content off the storage.</summary>
    /// <param name="kind"><c>blob</c>, <c>upload</c> or <c>orphan</c>.</param>
    /// <param name="count">How many.</param>
    /// <param name="bytes">Together.</param>
    public static void Freed(string kind, long count, long bytes)
    {
        if (kind == "blob")
        {
            Interlocked.Add(ref _freedBlobs, count);
            Interlocked.Add(ref _freedBlobBytes, bytes);
        }

        FreedItems.Add(count, new KeyValuePair<string, object?>("kind", kind));
        FreedBytes.Add(bytes, new KeyValuePair<string, object?>("kind", kind));
    }

    /// <summary>How much garbage waits, as far as it is known.</summary>
    public static void SetReclaimable(long bytes) => Volatile.Write(ref _reclaimable, bytes);

    /// <summary>An integrity check ended.</summary>
    public static void IntegrityEnded(bool succeeded) => Checks.Add(1, succeeded ? Ok : Failed);

    /// <summary>An integrity check looked at some content.</summary>
    public static void IntegrityChecked(long count, long bytes)
    {
        CheckedItems.Add(count);
        CheckedBytes.Add(bytes);
    }

    /// <summary>Something stored was found damaged or missing, by a check or while serving it.</summary>
    public static void DamageFound(long count = 1) => Damaged.Add(count);

    /// <summary>What collection has taken away since the start of the program.</summary>
    internal static (long Blobs, long Bytes) FreedSoFar => (Interlocked.Read(ref _freedBlobs), Interlocked.Read(ref _freedBlobBytes));

    private static string ClassOf(int status) => (status / 100) switch
    {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
}
