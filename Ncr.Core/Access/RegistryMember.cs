using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Ncr.Core.Registries;

namespace Ncr.Core.Access;

/// <summary>A role that a user has in one registry.</summary>
internal sealed class RegistryMember
{
    public long RegistryId { get; set; }

    public ContainerRegistry? Registry { get; set; }

    public long UserId { get; set; }

    public User? User { get; set; }

    /// <summary>One of <see cref="RoleMatrix.RegistryRoles"/>.</summary>
    public Role Role { get; set; }

    /// <summary>Whether a group at the provider of <c>Ncr:Oidc</c> gave it: then each sign-in sets it anew. What people gave stays.</summary>
    public bool IsFromGroup { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<RegistryMember>
    {
        public void Configure(EntityTypeBuilder<RegistryMember> builder)
        {
            builder.ToTable("RegistryMembers");
            builder.HasKey(m => new { m.RegistryId, m.UserId });
            builder.Property(m => m.Role).HasConversion<string>();
            builder.HasIndex(m => m.UserId);
            builder.HasOne(m => m.Registry).WithMany().HasForeignKey(m => m.RegistryId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne(m => m.User).WithMany().HasForeignKey(m => m.UserId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
