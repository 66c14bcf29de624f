using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Registries;

/// <summary>A named space that images live in: the first part of every repository name.</summary>
internal sealed class ContainerRegistry
{
    public long Id { get; set; }

    public required string Name { get; set; }

    public DateTime CreatedAt { get; set; }

    public required string CreatedBy { get; set; }

    /// <summary>Images that were pushed to at least once and not deleted; kept up by the writes, so that no list has to count.</summary>
    public int ImageCount { get; set; }

    /// <summary>Bytes of manifests and distinct blobs that the artifacts of this registry need; kept up by the writes.</summary>
    public long Size { get; set; }

    /// <summary>What it is for, in people's words; null when nobody said.</summary>
    public string? Description { get; set; }

    /// <summary>The deletion that put it away, with a name that nobody can ask for; null for a registry that people can see.</summary>
    public long? DeletionId { get; set; }

    /// <summary>Whether it can be reached by the public URI. Off: only as private.</summary>
    public bool IsPublicUriOn { get; set; } = true;

    /// <summary>The only networks its images can be reached from, as CIDR with commas; null for all.</summary>
    public string? Networks { get; set; }

    /// <summary>Whether anybody may pull, without signing in.</summary>
    public bool AllowsAnonymousPull { get; set; }

    /// <summary>Whether each pull is recorded as an event.</summary>
    public bool RecordsPulls { get; set; }

    [NotMapped]
    public RegistrySettings Settings
    {
        get => new(Description, IsPublicUriOn, Networks, AllowsAnonymousPull, RecordsPulls);
        set => (Description, IsPublicUriOn, Networks, AllowsAnonymousPull, RecordsPulls) = value;
    }

    internal sealed class Configuration : IEntityTypeConfiguration<ContainerRegistry>
    {
        public void Configure(EntityTypeBuilder<ContainerRegistry> builder)
        {
            builder.ToTable("Registries");
            builder.HasIndex(r => r.Name).IsUnique();
            builder.Property(r => r.IsPublicUriOn).HasDefaultValue(true).HasSentinel(true);
            builder.HasIndex(r => r.CreatedAt);
            builder.HasIndex(r => r.Size);
            builder.HasIndex(r => r.ImageCount);
        }
    }
}
