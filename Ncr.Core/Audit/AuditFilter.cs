using Ncr.Core.Events;

namespace Ncr.Core.Audit;

/// <summary>What the audit is narrowed to; each part that is null narrows nothing.</summary>
/// <param name="Registry">A registry's name; it may be gone by now.</param>
/// <param name="Image">An image's full name.</param>
/// <param name="Actor">Who did it, by the name they had.</param>
/// <param name="Kind">What kind of thing was done.</param>
/// <param name="From">Not before this time, in UTC.</param>
/// <param name="Until">Before this time, in UTC.</param>
public sealed record AuditFilter(string? Registry = null, string? Image = null, string? Actor = null, EventKind? Kind = null, DateTime? From = null, DateTime? Until = null)
{
    public static AuditFilter None { get; } = new();
}
