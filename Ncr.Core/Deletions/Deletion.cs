using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Deletions;

/// <summary>
/// Something deleted that can still be restored. What it held is not copied but put away: artifacts and tags move to an image that no
/// name reaches (<see cref="Images.Image.DeletionId"/>), an image or a registry gets such a name itself. Their content stays needed until then.
/// </summary>
internal sealed class Deletion
{
    public long Id { get; set; }

    public DeletionKind Kind { get; set; }

    public required string Registry { get; set; }

    /// <summary>The image's full name; null for a registry.</summary>
    public string? Image { get; set; }

    /// <summary>Name of a tag that was deleted alone; null otherwise.</summary>
    public string? Tag { get; set; }

    /// <summary>The artifact deleted, or the one that the tag pointed to.</summary>
    public string? Digest { get; set; }

    /// <summary>The first tags that went with an artifact, by name and with ", " between; null when it had none.</summary>
    public string? Tags { get; set; }

    public DateTime At { get; set; }

    public required string By { get; set; }

    public string? Address { get; set; }

    /// <summary>From then on it is deleted for good.</summary>
    public DateTime ExpiresAt { get; set; }

    public int ArtifactCount { get; set; }

    public int TagCount { get; set; }

    /// <summary>Bytes that nothing else needed when it was deleted.</summary>
    public long Size { get; set; }

    /// <summary>When a tag that was deleted alone had been made or moved, and by whom.</summary>
    public DateTime? TagPushedAt { get; set; }

    public string? TagPushedBy { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Deletion>
    {
        public void Configure(EntityTypeBuilder<Deletion> builder)
        {
            builder.ToTable("Deletions");
            builder.Property(d => d.Kind).HasConversion<string>();
            builder.HasIndex(d => d.ExpiresAt);
            builder.HasIndex(d => new { d.Registry, d.Id });
        }
    }
}
