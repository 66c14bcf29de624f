using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Blobs.Integrity;

/// <summary>One reading of everything that is stored, or of its lengths only. It goes on from <see cref="Position"/> after a stop.</summary>
internal sealed class IntegrityRun
{
    public long Id { get; set; }

    public DateTime StartedAt { get; set; }

    /// <summary>Null while it runs, and for one that waits to go on.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>Who asked for it; null for the server's own.</summary>
    public string? StartedBy { get; set; }

    /// <summary>Rows against files: presence and length, without reading content.</summary>
    public bool IsQuick { get; set; }

    /// <summary>The id of the last blob looked at: blobs are read in the order of their ids.</summary>
    public long Position { get; set; }

    public int Blobs { get; set; }

    /// <summary>Bytes read, or in a quick run bytes whose length was compared.</summary>
    public long Bytes { get; set; }

    public int Manifests { get; set; }

    /// <summary>How many were found damaged.</summary>
    public int Damaged { get; set; }

    /// <summary>Why it ended early; null when it did not.</summary>
    public string? Error { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<IntegrityRun>
    {
        public void Configure(EntityTypeBuilder<IntegrityRun> builder)
        {
            builder.ToTable("IntegrityRuns");
            builder.HasIndex(r => r.StartedAt);
        }
    }
}
