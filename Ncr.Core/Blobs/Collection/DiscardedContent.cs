using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Blobs.Collection;

/// <summary>Content whose row is gone: the second step of a deletion takes it off the storage (rule C4).</summary>
internal sealed class DiscardedContent
{
    public long Id { get; set; }

    /// <summary>The storage driver's name for the content; never used again (rule C2).</summary>
    public required string Location { get; set; }

    /// <summary>Bytes.</summary>
    public long Size { get; set; }

    public DateTime DiscardedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<DiscardedContent>
    {
        public void Configure(EntityTypeBuilder<DiscardedContent> builder)
        {
            builder.ToTable("DiscardedContent");
            builder.HasIndex(c => c.Location).IsUnique();
            builder.HasIndex(c => c.DiscardedAt);
        }
    }
}
