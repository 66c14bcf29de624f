using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Figures;

/// <summary>How much was stored at the last look of a day (UTC).</summary>
internal sealed class StorageSample
{
    public DateOnly Day { get; set; }

    /// <summary>Bytes of blobs.</summary>
    public long Size { get; set; }

    public long Blobs { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<StorageSample>
    {
        public void Configure(EntityTypeBuilder<StorageSample> builder)
        {
            builder.ToTable("StorageSamples");
            builder.HasKey(s => s.Day);
        }
    }
}
