using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Ncr.Core.Deletions;
using Ncr.Core.Registries;

namespace Ncr.Core.Images;

/// <summary>A named set of artifacts in a registry.</summary>
internal sealed class Image
{
    public long Id { get; set; }

    public long RegistryId { get; set; }

    public ContainerRegistry? Registry { get; set; }

    /// <summary>The full name, <c>registry/image</c>: one look-up finds it, and the catalog is in its order.</summary>
    public required string Name { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When an artifact or tag was last pushed; null while there are only blobs, and then no list shows the image.</summary>
    public DateTime? PushedAt { get; set; }

    public DateTime? PulledAt { get; set; }

    public long PullCount { get; set; }

    public int ArtifactCount { get; set; }

    public int TagCount { get; set; }

    /// <summary>Bytes of manifests and distinct blobs that its artifacts need.</summary>
    public long Size { get; set; }

    /// <summary>The deletion that put it, or what it holds, away; null for an image that people can see. See <see cref="Deletion"/>.</summary>
    public long? DeletionId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Image>
    {
        public void Configure(EntityTypeBuilder<Image> builder)
        {
            builder.ToTable("Images");
            builder.HasIndex(i => i.Name).IsUnique();
            builder.HasIndex(i => new { i.RegistryId, i.Name });
            builder.HasIndex(i => new { i.RegistryId, i.PushedAt });
            builder.HasIndex(i => new { i.RegistryId, i.Size });
            builder.HasIndex(i => new { i.RegistryId, i.PullCount });
            builder.HasIndex(i => i.DeletionId).HasFilter("\"DeletionId\" IS NOT NULL");
            builder.HasOne(i => i.Registry).WithMany().HasForeignKey(i => i.RegistryId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
