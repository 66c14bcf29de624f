namespace Ncr.Core.Errors;

/// <summary>
/// A refusal that a person or a client is told about: <see cref="Exception.Message"/> says in plain words what is wrong, where,
/// and what to do. Anything else that is thrown is a fault of the program or the machine.
/// </summary>
public sealed class NcrException(NcrError error, string message, object? detail = null) : Exception(message)
{
    public NcrError Error { get; } = error;

    /// <summary>Machine-readable addition, serialised as it is into the OCI error's <c>detail</c>; null when there is none.</summary>
    public object? Detail { get; } = detail;

    /// <summary>Further errors of the same answer: a manifest names each missing blob on its own.</summary>
    public IReadOnlyList<NcrException> Others { get; init; } = [];

    /// <summary>How long to wait before it may work; null when waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
