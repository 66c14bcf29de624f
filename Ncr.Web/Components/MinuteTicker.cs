namespace Ncr.Web.Components;

/// <summary>One timer for all relative times of an open page.</summary>
public sealed class MinuteTicker : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;

    public MinuteTicker(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(_ => Ticked?.Invoke(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>A minute passed; on a thread of its own.</summary>
    public event Action? Ticked;

    public DateTime Now => _clock.GetUtcNow().UtcDateTime;

    public void Dispose() => _timer.Dispose();
}
