using Microsoft.AspNetCore.Components;
using Ncr.Core.Events;

namespace Ncr.Web.Components.Shared;

/// <summary>A component that keeps up with what others change while it is open.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _disposing = new();
    private IDisposable? _subscription;
    private int _state;

    protected LiveComponent() => Disposing = _disposing.Token;

    [Inject]
    public required ChangeFeed Changes { get; init; }

    /// <summary>How long a change waits for others to ride with it.</summary>
    protected virtual TimeSpan Throttle => TimeSpan.FromMilliseconds(300);

    /// <summary>Ends when the component goes.</summary>
    protected CancellationToken Disposing { get; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected override void OnInitialized() => _subscription = Changes.Subscribe(OnChange);

    /// <summary>Whether a change can alter what is shown. Called on the thread that made it.</summary>
    protected abstract bool Concerns(Change change);

    /// <summary>Reads anew what is shown.</summary>
    protected abstract Task RefreshAsync();

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !Disposing.IsCancellationRequested)
        {
            _subscription?.Dispose();
            _disposing.Cancel();
            _disposing.Dispose();
        }
    }

    // A push makes several changes: the first waits a moment, those that come meanwhile ride with it.
    private void OnChange(Change change)
    {
        if (Concerns(change))
        {
            Follow();
        }
    }

    /// <summary>Reads anew soon; from any thread.</summary>
    protected void Follow()
    {
        if (Interlocked.Exchange(ref _state, State.Asked) == State.Idle)
        {
            _ = FollowAsync(Disposing);
        }
    }

    private async Task FollowAsync(CancellationToken disposing)
    {
        try
        {
            do
            {
                await Task.Delay(Throttle, disposing);
                Volatile.Write(ref _state, State.Reading);
                await InvokeAsync(ReadAsync);
            }
            while (Interlocked.CompareExchange(ref _state, State.Idle, State.Reading) != State.Reading);
        }
        catch (OperationCanceledException) when (disposing.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            await RefreshAsync();
            StateHasChanged();
        }
        catch (OperationCanceledException) when (Disposing.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) // Nobody awaits this but the circuit.
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private static class State
    {
        public const int Idle = 0;
        public const int Asked = 1;
        public const int Reading = 2;
    }
}
