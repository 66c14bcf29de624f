namespace Ncr.Core.Hosting;

/// <summary>The server can't start; the message is all that the person starting it needs.</summary>
public sealed class StartupException(string message) : Exception(message)
{
    /// <summary>Whether it is because another server is running on the data folder.</summary>
    public bool IsInUse { get; init; }
}
