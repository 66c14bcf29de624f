using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Blobs.Collection;

/// <summary>What one round of collection found and freed. Rounds that found nothing leave no row, unless a person asked for them.</summary>
internal sealed class CollectionRun
{
    public long Id { get; set; }

    public DateTime StartedAt { get; set; }

    /// <summary>Null while it runs, and for one that was cut short.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>Who asked for it; null for the server's own rounds.</summary>
    public string? StartedBy { get; set; }

    /// <summary>Nothing was taken away; the figures are what would have been.</summary>
    public bool IsDryRun { get; set; }

    public int Blobs { get; set; }

    public long BlobBytes { get; set; }

    /// <summary>Uploads that were given up.</summary>
    public int Uploads { get; set; }

    public long UploadBytes { get; set; }

    /// <summary>Files that no row names, such as a crash leaves.</summary>
    public int Orphans { get; set; }

    public long OrphanBytes { get; set; }

    /// <summary>Why it ended early; null when it did not.</summary>
    public string? Error { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<CollectionRun>
    {
        public void Configure(EntityTypeBuilder<CollectionRun> builder)
        {
            builder.ToTable("CollectionRuns");
            builder.HasIndex(r => r.StartedAt);
        }
    }
}
