using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Images;

/// <summary>A movable name for an artifact in its image.</summary>
internal sealed class Tag
{
    public long Id { get; set; }

    public long ImageId { get; set; }

    public required string Name { get; set; }

    public long ArtifactId { get; set; }

    public Artifact? Artifact { get; set; }

    /// <summary>When the tag was made or last moved to another artifact.</summary>
    public DateTime PushedAt { get; set; }

    public required string PushedBy { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Tag>
    {
        public void Configure(EntityTypeBuilder<Tag> builder)
        {
            builder.ToTable("Tags");
            builder.HasIndex(t => new { t.ImageId, t.Name }).IsUnique();
            builder.HasIndex(t => new { t.ImageId, t.PushedAt, t.Id, t.Name }); // With the name, so that a search in this order need not look up each row.
            builder.HasIndex(t => new { t.Name, t.ImageId }); // Whatever the case, see the migration TagNameIndex.
            builder.HasIndex(t => new { t.ArtifactId, t.Name });
            builder.HasIndex(t => new { t.ArtifactId, t.PushedAt });
            builder.HasOne<Image>().WithMany().HasForeignKey(t => t.ImageId).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne(t => t.Artifact).WithMany().HasForeignKey(t => t.ArtifactId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
