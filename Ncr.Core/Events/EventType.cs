namespace Ncr.Core.Events;

/// <summary>A type of event that is recorded.</summary>
/// <param name="Name">As the log, exports and NCR have it.</param>
/// <param name="Meaning">In words.</param>
/// <param name="Kinds">Where it belongs.</param>
public sealed record EventType(string Name, string Meaning, params EventKind[] Kinds);
