using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Access;

/// <summary>A User Access Key with the hash of its Secret Key: what docker logs in with.</summary>
internal sealed class AccessKey
{
    public long Id { get; set; }

    public long UserId { get; set; }

    public User? User { get; set; }

    /// <summary>The public half, used as the user name of <c>docker login</c>.</summary>
    public required string Key { get; set; }

    public required string SecretHash { get; set; }

    /// <summary>Goes up when the secret is regenerated; tokens carry it, so those of the old secret end.</summary>
    public int Version { get; set; }

    public bool IsEnabled { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When the secret was made; its age counts from here.</summary>
    public DateTime SecretCreatedAt { get; set; }

    public DateTime? LastUsedAt { get; set; }

    /// <summary>The network address that it was last used from.</summary>
    public string? LastUsedFrom { get; set; }

    /// <summary>What its user calls it.</summary>
    public string? Description { get; set; }

    /// <summary>When it ends; null for never.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>The only registries it is good for, by name with commas; null for all.</summary>
    public string? Registries { get; set; }

    public bool MayPull { get; set; } = true;

    public bool MayPush { get; set; } = true;

    /// <summary>The only networks it may be used from, as CIDR with commas; null for all.</summary>
    public string? Networks { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<AccessKey>
    {
        public void Configure(EntityTypeBuilder<AccessKey> builder)
        {
            builder.ToTable("AccessKeys");
            builder.HasIndex(k => k.Key).IsUnique();
            builder.HasOne(k => k.User).WithMany().HasForeignKey(k => k.UserId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
