namespace Ncr.Core.Hosting;

/// <summary>Who may read <c>/metrics</c>. Nobody by default, and then nothing is counted. (Not "whoever is local": behind a proxy on the same machine everybody is.)</summary>
public sealed class MetricsOptions
{
    /// <summary>Read with <c>Authorization: Bearer</c> and this; at least 16 characters.</summary>
    public string? Token { get; set; }

    /// <summary>Whoever reaches the server may read them.</summary>
    public bool AllowAnonymous { get; set; }

    public bool IsOn => AllowAnonymous || Token is not null;
}
