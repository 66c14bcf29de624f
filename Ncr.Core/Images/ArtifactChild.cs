using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Images;

/// <summary>That an index names a manifest; by digest, since a setting allows the manifest to be absent.</summary>
internal sealed class ArtifactChild
{
    public long ParentId { get; set; }

    public Artifact? Parent { get; set; }

    public long ImageId { get; set; }

    public required string Digest { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ArtifactChild>
    {
        public void Configure(EntityTypeBuilder<ArtifactChild> builder)
        {
            builder.ToTable("ArtifactChildren");
            builder.HasKey(c => new { c.ParentId, c.Digest });
            builder.HasIndex(c => new { c.ImageId, c.Digest });
            builder.HasOne(c => c.Parent).WithMany().HasForeignKey(c => c.ParentId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
