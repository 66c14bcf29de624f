using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// A blob, or its link into one image, that may be garbage and is looked at when the grace time has passed. Every write that may leave
/// garbage queues its own candidates, so the cost of collection follows the garbage and not what is kept (rule C4).
/// </summary>
internal sealed class BlobCandidate
{
    public long BlobId { get; set; }

    /// <summary>The image whose link to look at; 0 when the link is gone already and only the blob is in question. No foreign key: the image may go first.</summary>
    public long ImageId { get; set; }

    /// <summary>The grace time counts from here.</summary>
    public DateTime QueuedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<BlobCandidate>
    {
        public void Configure(EntityTypeBuilder<BlobCandidate> builder)
        {
            builder.ToTable("BlobCandidates");
            builder.HasKey(c => new { c.BlobId, c.ImageId });
            builder.HasIndex(c => c.QueuedAt);
            builder.HasOne<Blob>().WithMany().HasForeignKey(c => c.BlobId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
