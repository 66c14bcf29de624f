using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Events;

namespace Ncr.Core.Figures;

/// <summary>Reads the end of the event log as people want to be told of it: pushes to one image in a row are one row, and so is an artifact's deletion with its tags.</summary>
internal static class ActivityReader
{
    private const int Step = 200;

    /// <summary>Events looked at, at most: a thousand pushes to one image are one row, and then a short list must do.</summary>
    private const int MaxRead = 1000;

    /// <summary>What would drown the rest; the audit has it.</summary>
    private static readonly string[] Left = [EventTypes.ArtifactPulled, EventTypes.CommandRefused, EventTypes.AccessKeyRefused];

    private static readonly string[] UserKinds = ["access_key.", "user.", "session."];

    public static async Task<IReadOnlyList<ActivityRow>> ReadAsync(NcrDbContext db, AccessService access, Actor actor, int take, CancellationToken cancellationToken)
    {
        var folded = new List<Fold>();
        var before = long.MaxValue;
        for (var read = 0; read < MaxRead && folded.Count <= take; read += Step)
        {
            var events = await Page(db, before).ToListAsync(cancellationToken);
            if (events.Count(e => Left.Contains(e.Type)) > Step / 2)
            {
                events = await PageWithoutAsync(db, before, cancellationToken);
            }

            foreach (var e in events)
            {
                if (!Left.Contains(e.Type) && await MaySeeAsync(access, actor, e, cancellationToken) && (folded.Count == 0 || !folded[^1].TryAdd(e)))
                {
                    folded.Add(new Fold(e));
                }
            }

            if (events.Count < Step)
            {
                break;
            }

            before = events[^1].Id;
        }

        return await WithPresenceAsync(db, [.. folded.Take(take)], cancellationToken);
    }

    internal static IQueryable<Event> Page(NcrDbContext db, long before) => db.Events.Where(e => e.Id < before).OrderByDescending(e => e.Id).Take(Step);

    private static async Task<List<Event>> PageWithoutAsync(NcrDbContext db, long before, CancellationToken cancellationToken)
    {
        var ids = await new EventFinder(db, db.EventStreams.Where(s => !Left.Contains(s.Type)), null).FindAsync(EventRange.All with { End = before }, Step, newestFirst: true, cancellationToken);
        return await db.Events.Where(e => ids.Contains(e.Id)).OrderByDescending(e => e.Id).ToListAsync(cancellationToken);
    }

    private static ValueTask<bool> MaySeeAsync(AccessService access, Actor actor, Event e, CancellationToken cancellationToken) =>
        e.Registry is not null ? access.IsAllowedAsync(actor, Permission.ViewImages, e.Registry, cancellationToken)
        : e.Type.StartsWith("access_key.", StringComparison.Ordinal) && e.Actor == actor.Name ? ValueTask.FromResult(true)
        : UserKinds.Any(k => e.Type.StartsWith(k, StringComparison.Ordinal))
            ? access.IsAllowedAsync(actor, Permission.ManageUsers, null, cancellationToken)
        : access.IsAllowedAsync(actor, Permission.ManageStorage, null, cancellationToken);

    private static async Task<IReadOnlyList<ActivityRow>> WithPresenceAsync(NcrDbContext db, List<Fold> folded, CancellationToken cancellationToken)
    {
        var images = folded.Select(f => f.First.Image).OfType<string>().Distinct().ToList();
        var registries = folded.Where(f => f.First.Image is null).Select(f => f.First.Registry).OfType<string>().Distinct().ToList();
        var there = (await db.Images.Where(i => images.Contains(i.Name) && i.PushedAt != null).Select(i => i.Name).ToListAsync(cancellationToken))
            .Concat(await db.Registries.Where(r => registries.Contains(r.Name)).Select(r => r.Name).ToListAsync(cancellationToken))
            .ToHashSet();
        return [.. folded.Select(f => f.ToRow(there))];
    }

    private sealed class Fold(Event first)
    {
        /// <summary>What one command writes lies this close together.</summary>
        private static readonly TimeSpan Command = TimeSpan.FromSeconds(5);

        private readonly List<string> _tags = first.Tag is null ? [] : [first.Tag];
        private readonly HashSet<string> _digests = first.Digest is null ? [] : [first.Digest];
        private Event _last = first;
        private string _type = first.Type;
        private int _count = 1;

        public Event First { get; } = first;

        /// <param name="e">The event before the last one added.</param>
        public bool TryAdd(Event e)
        {
            var group = GroupOf(e.Type);
            if (group == Group.None || group != GroupOf(_type) || e.Actor != First.Actor || e.Image != First.Image || (group != Group.Pushes && _last.At - e.At > Command))
            {
                return false;
            }

            if (e.Type == _type)
            {
                _count++;
            }
            else if (IsOfArtifact(e.Type))
            {
                (_type, _count) = (e.Type, 1); // Its tags went, or came back, with it.
            }

            if (e.Tag is not null && !_tags.Contains(e.Tag))
            {
                _tags.Add(e.Tag);
            }

            if (e.Digest is not null)
            {
                _digests.Add(e.Digest);
            }

            _last = e;
            return true;
        }

        public ActivityRow ToRow(HashSet<string> there) => new(
            First.Id,
            _type,
            First.At,
            First.Actor,
            _count,
            First.Registry,
            First.Image,
            [.. _tags.Take(ActivityRow.MaxTags)],
            _tags.Count,
            _digests.Count == 1 ? First.Digest : null,
            First.Details,
            (First.Image ?? First.Registry) is { } name && there.Contains(name));

        private static bool IsOfArtifact(string type) => type is EventTypes.ArtifactDeleted or EventTypes.ArtifactRestored;

        private static Group GroupOf(string type) => type switch
        {
            EventTypes.ArtifactPushed => Group.Pushes,
            EventTypes.ArtifactDeleted or EventTypes.TagDeleted => Group.Deletions,
            EventTypes.ArtifactRestored or EventTypes.TagRestored => Group.Restorations,
            _ => Group.None,
        };

        private enum Group
        {
            None,
            Pushes,
            Deletions,
            Restorations,
        }
    }
}
