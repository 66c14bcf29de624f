using Ncr.Core.Audit;
using Ncr.Core.Events;

namespace Ncr.Web.Components.Pages.Audit;

/// <summary>What a value was before and after, as an event's details say it.</summary>
/// <param name="What">What was changed; null when the event itself says so.</param>
internal sealed record AuditChange(string? What, string Before, string After)
{
    private const string FromStart = "from ";
    private static readonly string[] Arrows = [" → ", " -> "];

    /// <returns>Empty when the details tell of no change, or in another way.</returns>
    public static IReadOnlyList<AuditChange> Parse(AuditRow row)
    {
        if (row.Details is not { } details)
        {
            return [];
        }

        if (row.Type == EventTypes.TagMoved)
        {
            return details.StartsWith(FromStart, StringComparison.Ordinal) && row.Digest is not null ? [new AuditChange(null, details[FromStart.Length..], row.Digest)] : [];
        }

        var whole = Split(details);
        var changes = whole is null ? details.Split("; ").Select(Split).ToList() : [whole];
        return changes.Contains(null) ? [] : [.. changes.OfType<AuditChange>()];
    }

    /// <summary>People write arrows, too: where there are several, nobody knows which is meant.</summary>
    private static AuditChange? Split(string text)
    {
        var parts = text.Split(Arrows, StringSplitOptions.None);
        if (parts.Length != 2)
        {
            return null;
        }

        var colon = parts[0].IndexOf(": ", StringComparison.Ordinal);
        return colon < 0 ? new AuditChange(null, parts[0], parts[1]) : new AuditChange(parts[0][..colon], parts[0][(colon + 2)..], parts[1]);
    }
}
