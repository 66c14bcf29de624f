using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Events;

/// <summary>
/// A registry, an actor and a type that some event has together. There are few of them, and each one's events can be read in order by an index: whatever an audit
/// is narrowed to is a choice among these rows, see <see cref="EventFinder"/>.
/// </summary>
/// <remarks>A trigger on <c>Events</c> keeps them (see the migration <c>Audit</c>), so that no writer of events has to know of it.</remarks>
internal sealed class EventStream
{
    public long Id { get; set; }

    /// <summary>Empty for what belongs to none.</summary>
    public required string Registry { get; set; }

    public required string Actor { get; set; }

    public required string Type { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EventStream>
    {
        public void Configure(EntityTypeBuilder<EventStream> builder)
        {
            builder.ToTable("EventStreams");
            builder.HasIndex(s => new { s.Actor, s.Type, s.Registry }).IsUnique();
        }
    }
}
