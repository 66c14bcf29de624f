using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Events;

namespace Ncr.Core.Audit;

/// <summary>What somebody may see of the audit.</summary>
/// <param name="Registries">Of which registries.</param>
/// <param name="WithRest">Whether also what belongs to no registry.</param>
internal sealed record AuditView(RegistrySet Registries, bool WithRest)
{
    /// <summary>The streams of what may be seen and is asked for; null for all there are.</summary>
    public IQueryable<EventStream>? Streams(NcrDbContext db, AuditFilter filter)
    {
        if (Registries.IsAll && WithRest && filter is { Registry: null, Actor: null, Kind: null })
        {
            return null;
        }

        IQueryable<EventStream> streams = db.EventStreams;
        if (Registries.Names is { } names)
        {
            List<string> visible = [.. names, .. WithRest ? [""] : Array.Empty<string>()];
            streams = streams.Where(s => visible.Contains(s.Registry));
        }
        else if (!WithRest)
        {
            streams = streams.Where(s => s.Registry != "");
        }

        if (filter.Registry is { } registry)
        {
            streams = streams.Where(s => s.Registry == registry);
        }

        if (filter.Actor is { } actor)
        {
            streams = streams.Where(s => s.Actor == actor);
        }

        if (filter.Kind is { } kind)
        {
            var types = EventTypes.Of(kind);
            streams = streams.Where(s => types.Contains(s.Type));
        }

        return streams;
    }
}
