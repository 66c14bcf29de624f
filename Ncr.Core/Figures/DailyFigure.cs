using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Figures;

/// <summary>What happened in a registry on a day (UTC); kept up by the writes, so that no chart has to count events.</summary>
internal sealed class DailyFigure
{
    public DateOnly Day { get; set; }

    /// <summary>The registry, which may be deleted by now.</summary>
    public long RegistryId { get; set; }

    /// <summary>Manifests pushed.</summary>
    public long Pushes { get; set; }

    /// <summary>Manifests pulled.</summary>
    public long Pulls { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<DailyFigure>
    {
        public void Configure(EntityTypeBuilder<DailyFigure> builder)
        {
            builder.ToTable("DailyFigures");
            builder.HasKey(f => new { f.Day, f.RegistryId });
        }
    }
}
