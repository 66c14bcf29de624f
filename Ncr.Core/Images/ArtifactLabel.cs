using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Images;

/// <summary>A label of an image's config or an annotation of a manifest, to be searched for.</summary>
internal sealed class ArtifactLabel
{
    /// <summary>What is longer is cut: nobody searches for the end of a long text.</summary>
    public const int MaxLength = 200;

    /// <summary>Labels kept of an artifact; a hostile one may carry thousands.</summary>
    public const int MaxCount = 64;

    public long ArtifactId { get; set; }

    public required string Name { get; set; }

    public required string Value { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ArtifactLabel>
    {
        public void Configure(EntityTypeBuilder<ArtifactLabel> builder)
        {
            builder.ToTable("ArtifactLabels");
            builder.HasKey(l => new { l.ArtifactId, l.Name });
            builder.HasIndex(l => new { l.Name, l.Value }); // Both whatever the case, see the migration TagNameIndex.
            builder.HasIndex(l => l.Value);
            builder.HasOne<Artifact>().WithMany().HasForeignKey(l => l.ArtifactId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
