using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Ncr.Core.Images;

namespace Ncr.Core.Blobs;

/// <summary>The link that lets a blob be read through an image (rule C3).</summary>
internal sealed class ImageBlob
{
    public long ImageId { get; set; }

    public long BlobId { get; set; }

    public Blob? Blob { get; set; }

    /// <summary>When it was linked, or last asked for by a push: until the grace time after that it is not collected (rule C4).</summary>
    public DateTime UsedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ImageBlob>
    {
        public void Configure(EntityTypeBuilder<ImageBlob> builder)
        {
            builder.ToTable("ImageBlobs");
            builder.HasKey(b => new { b.ImageId, b.BlobId });
            builder.HasIndex(b => b.BlobId);
            builder.HasOne<Image>().WithMany().HasForeignKey(b => b.ImageId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne(b => b.Blob).WithMany().HasForeignKey(b => b.BlobId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
