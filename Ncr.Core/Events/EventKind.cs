namespace Ncr.Core.Events;

/// <summary>What people narrow the audit to. A type of event may belong to several.</summary>
public enum EventKind
{
    Pushes,
    Pulls,
    Tags,
    Deletions,
    Registries,
    SignIns,
    Users,
    AccessKeys,
    Storage,
    Refusals,
}
