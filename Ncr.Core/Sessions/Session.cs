using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Ncr.Core.Access;

namespace Ncr.Core.Sessions;

/// <summary>A browser that somebody is signed in with. It is good while its row is there; the cookie only names it.</summary>
internal sealed class Session
{
    public long Id { get; set; }

    /// <summary>Of the secret in the cookie: who reads the database can't take the session over.</summary>
    public required string TokenHash { get; set; }

    public long UserId { get; set; }

    public User? User { get; set; }

    public SessionOrigin Origin { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>Written every few minutes at most.</summary>
    public DateTime LastSeenAt { get; set; }

    /// <summary>Where it was last used from.</summary>
    public string? Address { get; set; }

    /// <summary>What the browser says it is.</summary>
    public string? UserAgent { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Session>
    {
        public void Configure(EntityTypeBuilder<Session> builder)
        {
            builder.ToTable("Sessions");
            builder.Property(s => s.Origin).HasConversion<string>();
            builder.HasIndex(s => s.TokenHash).IsUnique();
            builder.HasIndex(s => new { s.UserId, s.LastSeenAt });
            builder.HasIndex(s => s.LastSeenAt);
            builder.HasOne(s => s.User).WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
