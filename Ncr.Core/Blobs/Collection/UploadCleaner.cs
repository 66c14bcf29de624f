using Microsoft.Extensions.Logging;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs.Collection;

/// <summary>Gives up uploads that nobody went on with for <see cref="CollectionOptions.UploadLifetime"/>.</summary>
internal sealed partial class UploadCleaner(IBlobStore store, UploadSessions sessions, NcrOptions options, ILogger<UploadCleaner> logger)
{
    private readonly HashSet<string> _failed = [];

    public async Task RunAsync(CollectionRound round, CancellationToken cancellationToken)
    {
        var lifetime = options.Collection.UploadLifetime;
        var done = 0;
        await foreach (var upload in store.ListUploadsAsync(cancellationToken))
        {
            if (upload.WrittenAt <= round.Now - lifetime && await TryGiveUpAsync(round, upload, lifetime, cancellationToken))
            {
                round.AddUpload(upload.Length);
                round.Report(CollectionPhase.Uploads, ++done, 0);
                await round.PaceAsync(0, cancellationToken);
            }
        }
    }

    /// <summary>How many there are to give up.</summary>
    public async Task<StoredAmount> CountAsync(DateTime now, CancellationToken cancellationToken)
    {
        var (count, bytes) = (0L, 0L);
        await foreach (var upload in store.ListUploadsAsync(cancellationToken))
        {
            if (upload.WrittenAt <= now - options.Collection.UploadLifetime)
            {
                (count, bytes) = (count + 1, bytes + upload.Length);
            }
        }

        return new StoredAmount(count, bytes);
    }

    private async Task<bool> TryGiveUpAsync(CollectionRound round, StoredItem upload, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        if (sessions.TryEnterIdle(upload.Name, lifetime) is not { } session)
        {
            return false;
        }

        try
        {
            // Nobody writes from here on; whether somebody did since it was listed, its length tells.
            var isGivenUp = await store.FindUploadLengthAsync(upload.Name, cancellationToken) == upload.Length;
            if (isGivenUp && !round.IsDryRun)
            {
                await store.DeleteUploadAsync(upload.Name, cancellationToken);
                _failed.Remove(upload.Name);
            }

            return isGivenUp;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            if (_failed.Add(upload.Name))
            {
                LogNotDeleted(logger, upload.Name, exception.Message);
                round.Fail($"The upload {upload.Name} could not be given up: {exception.Message} See that the server may delete files in its data folder; it is tried again by itself.");
            }

            return false;
        }
        finally
        {
            sessions.Forget(upload.Name, session); // Should it go on after all, its hash is rebuilt from what is stored.
            sessions.Leave(session);
        }
    }

    [LoggerMessage(LogLevel.Error, "The upload {Upload}, with which nobody went on, could not be deleted: {Reason} See that this user may delete files in the data folder. It is tried again each round, and said only once")]
    private static partial void LogNotDeleted(ILogger logger, string upload, string reason);
}
