using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Ncr.Core.Images;

/// <summary>The bytes of a manifest exactly as they were pushed, once for all images that hold it.</summary>
internal sealed class Manifest
{
    public required string Digest { get; set; }

    public required byte[] Payload { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Manifest>
    {
        public void Configure(EntityTypeBuilder<Manifest> builder)
        {
            builder.ToTable("Manifests");
            builder.HasKey(m => m.Digest);
        }
    }
}
