using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Events;

/// <summary>Something that happened; append-only, written in the transaction of what it tells of. It is the outbox too.</summary>
internal sealed class Event
{
    public long Id { get; set; }

    /// <summary>One of <see cref="EventTypes"/>.</summary>
    public required string Type { get; set; }

    public DateTime At { get; set; }

    public required string Actor { get; set; }

    public string? Address { get; set; }

    public string? Registry { get; set; }

    /// <summary>The image's full name.</summary>
    public string? Image { get; set; }

    public string? Tag { get; set; }

    public string? Digest { get; set; }

    /// <summary>What else there is to say, such as the name of a key.</summary>
    public string? Details { get; set; }

    /// <summary>Its <see cref="EventStream"/>, which a trigger sets.</summary>
    public long? StreamId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Event>
    {
        public void Configure(EntityTypeBuilder<Event> builder)
        {
            builder.ToTable("Events");
            builder.HasIndex(e => e.At);
            builder.HasIndex(e => new { e.Image, e.Tag, e.Id }).HasFilter("\"Tag\" IS NOT NULL AND \"Type\" <> 'artifact.pull'"); // The history of tags, which pulls are no part of.
            builder.HasIndex(e => new { e.StreamId, e.Id }).HasFilter("\"StreamId\" IS NOT NULL");
            builder.HasIndex(e => new { e.Image, e.StreamId, e.Id }).HasFilter("\"StreamId\" IS NOT NULL AND \"Image\" IS NOT NULL");
        }
    }
}
