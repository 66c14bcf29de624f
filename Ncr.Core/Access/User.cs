using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Access;

/// <summary>A person who signs in to the console, or a service account: that has access keys only.</summary>
internal sealed class User
{
    public long Id { get; set; }

    /// <summary>As the person wrote it; unique whatever its case.</summary>
    public required string Name { get; set; }

    /// <summary>By ASP.NET Core Identity's hasher; empty for who can't sign in by a password: service accounts, and who has not used their link yet.</summary>
    public string PasswordHash { get; set; } = "";

    /// <summary>Everywhere. <see cref="RegistryMember"/> adds to it in single registries.</summary>
    public Role Role { get; set; }

    public bool IsService { get; set; }

    /// <summary>Of the one-time link by which a password is chosen; null when there is none.</summary>
    public string? LinkHash { get; set; }

    public DateTime? LinkExpiresAt { get; set; }

    public DateTime? LastSignInAt { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary>Who it is at the provider of <c>Ncr:Oidc</c>: the issuer and the subject, with a blank between; null for local accounts.</summary>
    public string? ExternalId { get; set; }

    public DateTime CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<User>
    {
        public void Configure(EntityTypeBuilder<User> builder)
        {
            builder.ToTable("Users");
            builder.Property(u => u.Name).UseCollation("NOCASE");
            builder.Property(u => u.Role).HasConversion<string>();
            builder.HasIndex(u => u.Name).IsUnique();
            builder.HasIndex(u => u.ExternalId).IsUnique();
        }
    }
}
