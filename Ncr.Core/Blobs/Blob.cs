using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Blobs;

/// <summary>Content by digest, and where it lies. The row is committed only after the content is durable (rule C1).</summary>
internal sealed class Blob
{
    public long Id { get; set; }

    public required string Digest { get; set; }

    /// <summary>Bytes.</summary>
    public long Size { get; set; }

    /// <summary>The storage driver's name for the content; made for one upload and never used again (rule C2).</summary>
    public required string Location { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When its content was found missing or wrong; null while it is whole as far as is known. A damaged blob counts as absent everywhere, so that pushing it again repairs it.</summary>
    public DateTime? DamagedAt { get; set; }

    /// <summary>What is wrong with it, in a few words for a person; null while it is whole.</summary>
    public string? Damage { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Blob>
    {
        public void Configure(EntityTypeBuilder<Blob> builder)
        {
            builder.ToTable("Blobs");
            builder.HasIndex(b => b.Digest).IsUnique();
            builder.HasIndex(b => b.Location).IsUnique();
            builder.HasIndex(b => b.DamagedAt).HasFilter("\"DamagedAt\" IS NOT NULL");
        }
    }
}
