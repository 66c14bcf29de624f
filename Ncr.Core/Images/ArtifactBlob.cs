using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Ncr.Core.Blobs;

namespace Ncr.Core.Images;

/// <summary>That an artifact needs a blob (as config or layer). Image and registry are repeated here so that one index answers "who else needs it".</summary>
internal sealed class ArtifactBlob
{
    public long ArtifactId { get; set; }

    public long BlobId { get; set; }

    public long ImageId { get; set; }

    public long RegistryId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ArtifactBlob>
    {
        public void Configure(EntityTypeBuilder<ArtifactBlob> builder)
        {
            builder.ToTable("ArtifactBlobs");
            builder.HasKey(b => new { b.ArtifactId, b.BlobId });
            builder.HasIndex(b => new { b.BlobId, b.RegistryId, b.ImageId });
            builder.HasOne<Artifact>().WithMany().HasForeignKey(b => b.ArtifactId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Blob>().WithMany().HasForeignKey(b => b.BlobId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
