using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Images;

/// <summary>One manifest in one image, with what the pages show of it as columns.</summary>
internal sealed class Artifact
{
    public long Id { get; set; }

    public long ImageId { get; set; }

    public Image? Image { get; set; }

    public required string Digest { get; set; }

    public required string MediaType { get; set; }

    public ArtifactType Type { get; set; }

    /// <summary>What the artifact says it is: <c>artifactType</c>, or the config's media type when it has none; for referrers.</summary>
    public string? ArtifactTypeName { get; set; }

    /// <summary><c>os/architecture[/variant]</c>, several with ", " between; null when nothing says.</summary>
    public string? Platforms { get; set; }

    /// <summary>Bytes of the manifest itself.</summary>
    public int ManifestSize { get; set; }

    /// <summary>Bytes of manifest, config and distinct layers; for an index, of its children too.</summary>
    public long Size { get; set; }

    /// <summary>Digest of the artifact that this one is about; it need not be there.</summary>
    public string? Subject { get; set; }

    /// <summary>Digest of the artifact that this one belongs to: its subject, or the one that cosign's tag (<c>sha256-….sig</c>) names; null for what stands for itself.</summary>
    public string? AccessoryOf { get; set; }

    /// <summary>The manifest's annotations as JSON, for referrers; null when it has none.</summary>
    public string? Annotations { get; set; }

    public DateTime PushedAt { get; set; }

    public required string PushedBy { get; set; }

    public DateTime? PulledAt { get; set; }

    public long PullCount { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Artifact>
    {
        public void Configure(EntityTypeBuilder<Artifact> builder)
        {
            builder.ToTable("Artifacts");
            builder.Property(a => a.Type).HasConversion<string>();
            builder.HasIndex(a => new { a.ImageId, a.Digest }).IsUnique();
            builder.HasIndex(a => a.Digest);
            builder.HasIndex(a => new { a.ImageId, a.PushedAt });
            builder.HasIndex(a => new { a.ImageId, a.Size });
            builder.HasIndex(a => new { a.ImageId, a.PulledAt });
            builder.HasIndex(a => new { a.ImageId, a.PullCount });
            builder.HasIndex(a => new { a.ImageId, a.Subject, a.Digest });
            builder.HasIndex(a => new { a.ImageId, a.AccessoryOf, a.PushedAt }).HasFilter("\"AccessoryOf\" IS NOT NULL");
            builder.HasOne(a => a.Image).WithMany().HasForeignKey(a => a.ImageId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
