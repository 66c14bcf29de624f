using Microsoft.EntityFrameworkCore;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Deletions;
using Ncr.Core.Events;
using Ncr.Core.Figures;
using Ncr.Core.Images;
using Ncr.Core.Registries;
using Ncr.Core.Sessions;

namespace Ncr.Core.Data;

/// <summary>The database. One context per call, from the factory; writes only through <see cref="WriteGate"/>.</summary>
internal sealed class NcrDbContext(DbContextOptions<NcrDbContext> options) : DbContext(options)
{
    private Sql? _sql;

    /// <summary>Prepared statements, for the writer's long-lived context alone.</summary>
    public Sql Sql => _sql ??= new Sql(this);

    /// <summary>What the transaction wrote about; see <see cref="Touch"/>.</summary>
    public HashSet<string> Touched { get; } = [];

    /// <summary>Whether the transaction wrote about images that it did not name.</summary>
    public bool IsAllTouched { get; private set; }

    public DbSet<ContainerRegistry> Registries => Set<ContainerRegistry>();

    public DbSet<Image> Images => Set<Image>();

    public DbSet<Artifact> Artifacts => Set<Artifact>();

    public DbSet<ArtifactBlob> ArtifactBlobs => Set<ArtifactBlob>();

    public DbSet<ArtifactChild> ArtifactChildren => Set<ArtifactChild>();

    public DbSet<Tag> Tags => Set<Tag>();

    public DbSet<Manifest> Manifests => Set<Manifest>();

    public DbSet<Blob> Blobs => Set<Blob>();

    public DbSet<ImageBlob> ImageBlobs => Set<ImageBlob>();

    public DbSet<BlobCandidate> BlobCandidates => Set<BlobCandidate>();

    public DbSet<DiscardedContent> DiscardedContent => Set<DiscardedContent>();

    public DbSet<CollectionRun> CollectionRuns => Set<CollectionRun>();

    public DbSet<IntegrityRun> IntegrityRuns => Set<IntegrityRun>();

    public DbSet<User> Users => Set<User>();

    public DbSet<RegistryMember> RegistryMembers => Set<RegistryMember>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<AccessKey> AccessKeys => Set<AccessKey>();

    public DbSet<Deletion> Deletions => Set<Deletion>();

    public DbSet<ArtifactLabel> ArtifactLabels => Set<ArtifactLabel>();

    public DbSet<DailyFigure> DailyFigures => Set<DailyFigure>();

    public DbSet<StorageSample> StorageSamples => Set<StorageSample>();

    public DbSet<Event> Events => Set<Event>();

    public DbSet<EventStream> EventStreams => Set<EventStream>();

    /// <summary>Every write that changes what a read of an image may find (tags, artifacts, links of blobs) says so; so does one about a registry, with its name.</summary>
    public void Touch(string image) => Touched.Add(image);

    /// <summary>As <see cref="Touch"/>, for a write about images that it can't name.</summary>
    public void TouchAll() => IsAllTouched = true;

    public void ClearTouched()
    {
        Touched.Clear();
        IsAllTouched = false;
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(NcrDbContext).Assembly);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcDateTimeConverter>();
}
