using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Access;

/// <summary>A person who signs in to the console.</summary>
internal sealed class User
{
    public long Id { get; set; }

    /// <summary>As the person wrote it; unique whatever its case.</summary>
    public required string Name { get; set; }

    /// <summary>By ASP.NET Core Identity's hasher.</summary>
    public required string PasswordHash { get; set; }

    public Role Role { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary>Changes with the password; a session that carries an older one ends.</summary>
    public required string SecurityStamp { get; set; }

    public DateTime CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<User>
    {
        public void Configure(EntityTypeBuilder<User> builder)
        {
            builder.ToTable("Users");
            builder.Property(u => u.Name).UseCollation("NOCASE");
            builder.Property(u => u.Role).HasConversion<string>();
            builder.HasIndex(u => u.Name).IsUnique();
        }
    }
}
