using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;

namespace Ncr.Core.Access;

/// <summary>Records who was refused.</summary>
/// <remarks>A full disk changes nothing about the answer: the failure is logged, and the record is missing.</remarks>
internal sealed class SignInLog(WriteGate writes, EventLog events, StorageFailureLog failures)
{
    /// <summary>Names that nobody has are recorded too: somebody tries them. The throttle bounds how many there can be.</summary>
    public Task RefusedAsync(string name, string? address, CancellationToken cancellationToken) => TryAsync(
        (db, _) =>
        {
            events.Add(db, Actor.Anonymous(address), EventTypes.SignInRefused, details: name);
            return Task.FromResult(true);
        },
        EventTypes.SignInRefused,
        cancellationToken);

    private async Task TryAsync(Func<NcrDbContext, CancellationToken, Task<bool>> write, string type, CancellationToken cancellationToken)
    {
        try
        {
            await writes.RunAsync(write, cancellationToken);
            events.Announce(new Change(type, null, null));
        }
        catch (Exception exception) when (exception is NcrException { Error: NcrError.Unavailable } || failures.Report(exception) is not null)
        {
            // Logged where it was recognised.
        }
    }
}
