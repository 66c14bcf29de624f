using Ncr.Core.Access;
using Ncr.Core.Data;

namespace Ncr.Core.Events;

/// <summary>Writes events into the transaction of what they tell of, and announces changes once that is committed.</summary>
internal sealed class EventLog(ChangeFeed feed, TimeProvider clock)
{
    public void Add(NcrDbContext db, Actor actor, string type, string? registry = null, string? image = null, string? tag = null, string? digest = null, string? details = null) =>
        db.Events.Add(new Event
        {
            Type = type,
            At = clock.GetUtcNow().UtcDateTime,
            Actor = actor.Name,
            Address = actor.Address,
            Registry = registry,
            Image = image,
            Tag = tag,
            Digest = digest,
            Details = details,
        });

    /// <summary>As <see cref="Add"/>, by a prepared statement: for pushes, and for pulls, which are written a little later than they were.</summary>
    public Task AddAsync(NcrDbContext db, Actor actor, string type, string? registry, string? image, string? tag, string? digest, string? details, DateTime? at = null) =>
        db.Sql.ExecuteAsync(
            """
            INSERT INTO "Events" ("Type", "At", "Actor", "Address", "Registry", "Image", "Tag", "Digest", "Details") VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8)
            """,
            type,
            at ?? clock.GetUtcNow().UtcDateTime,
            actor.Name,
            actor.Address,
            registry,
            image,
            tag,
            digest,
            details);

    /// <summary>Tells open pages. Only after the commit.</summary>
    public void Announce(Change change) => feed.Publish(change);
}
