namespace Ncr.Core.Hosting;

/// <summary>The server can't start; the message is all that the person starting it needs.</summary>
public sealed class StartupException(string message) : Exception(message);
