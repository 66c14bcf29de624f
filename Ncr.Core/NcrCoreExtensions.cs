using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Ncr.Core.Access;
using Ncr.Core.Access.External;
using Ncr.Core.Audit;
using Ncr.Core.Backups;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Data;
using Ncr.Core.Deletions;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Figures;
using Ncr.Core.Hosting;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Core.Images.Files;
using Ncr.Core.Outgoing;
using Ncr.Core.Registries;
using Ncr.Core.Search;
using Ncr.Core.Sessions;
using Ncr.Core.Telemetry;

namespace Ncr.Core;

/// <summary>Puts the core into a host.</summary>
public static class NcrCoreExtensions
{
    public static IServiceCollection AddNcrCore(this IServiceCollection services, NcrOptions options, DataFolder folder)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(folder);
        services.AddDataProtection().SetApplicationName("Ncr").PersistKeysToFileSystem(new DirectoryInfo(folder.Keys));
        return services.AddData(folder).AddAccess().AddBlobs().AddIntegrity().AddImages().AddFiles().AddDeletions().AddOperation().AddFigures().AddBackups().AddAudit()
            .AddSingleton(s => new StorageFailureLog(s.Clock(), s.GetRequiredService<ILogger<StorageFailureLog>>()))
            .AddSingleton<ChangeFeed>()
            .AddSingleton<EventLog>()
            .AddSingleton(s => new RegistryService(s.Db(), s.Gate(), s.Access(), s.GetRequiredService<PrivateEntrance>(), s.Events(), s.PutAway(), s.Purger(), s.Clock()));
    }

    /// <summary>Brings the database up to date and carries out an unattended set-up. Before the server listens.</summary>
    /// <exception cref="StartupException">It can't start.</exception>
    public static async Task StartNcrCoreAsync(this IServiceProvider services, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<DatabaseStarter>().StartAsync(cancellationToken);
        (services.GetRequiredService<IBlobStore>() as FileBlobStore)?.RequireOneFileSystem();
        await services.GetRequiredService<SetupService>().RunUnattendedAsync(services.GetRequiredService<NcrOptions>().Setup, cancellationToken);
    }

    /// <summary>Writes what was only in memory. After the server stopped listening, before the services go.</summary>
    public static async Task StopNcrCoreAsync(this IServiceProvider services)
    {
        await services.GetRequiredService<PullRecorder>().FlushAsync();
        await services.GetRequiredService<RefusalLog>().FlushAsync(isLast: true);
        await services.GetRequiredService<BlobUses>().EndAsync();
    }

    private static IServiceCollection AddOperation(this IServiceCollection services) => services
        .AddSingleton<DiskSpace>()
        .AddHostedService(s => s.GetRequiredService<DiskSpace>())
        .AddSingleton(s => new Readiness(s.Db(), s.GetRequiredService<DataFolder>(), s.GetRequiredService<StorageFailureLog>(), s.Clock(), s.GetRequiredService<ILogger<Readiness>>()))
        .AddSingleton(s => new ServerFigures(s.Db(), s.GetRequiredService<DataFolder>(), s.GetRequiredService<DiskSpace>(), s.GetRequiredService<StorageFailureLog>(), s.Clock(), s.GetRequiredService<ILogger<ServerFigures>>()));

    private static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<RefusalLog>()
        .AddHostedService(s => s.GetRequiredService<RefusalLog>())
        .AddSingleton<AuditKeeper>()
        .AddHostedService(s => s.GetRequiredService<AuditKeeper>())
        .AddSingleton(s => new AuditService(s.Db(), s.Access(), s.GetRequiredService<NcrOptions>()));

    private static IServiceCollection AddFigures(this IServiceCollection services) => services
        .AddSingleton<StorageSampler>()
        .AddHostedService(s => s.GetRequiredService<StorageSampler>())
        .AddSingleton(s => new OverviewService(
            s.Db(), s.Access(), s.GetRequiredService<ServerFigures>(), s.GetRequiredService<DiskSpace>(), s.GetRequiredService<Collector>(), s.GetRequiredService<IntegrityService>(),
            s.GetRequiredService<NcrOptions>(), s.Clock()))
        .AddSingleton(s => new SearchService(s.Db(), s.Access()));

    /// <summary>For what works on the data folder without starting the server, which alone changes the database's layout.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: the database is of another version than this program.</exception>
    public static async Task RequireCurrentDatabaseAsync(this IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var db = await services.Db().CreateDbContextAsync(cancellationToken);
        var applied = await db.Database.GetAppliedMigrationsAsync(cancellationToken);
        if (!applied.SequenceEqual(db.Database.GetMigrations()))
        {
            throw new NcrException(NcrError.Conflict, "The database is of another version than this program. Use the program that the server runs with, and start the server once after an upgrade.");
        }
    }

    private static IServiceCollection AddData(this IServiceCollection services, DataFolder folder) => services
        .AddSingleton<DatabaseStarter>()
        .AddSingleton<ReadCache>()
        .AddSingleton<WriteGate>()
        .AddPooledDbContextFactory<NcrDbContext>(options => options
            .UseSqlite(DataFolder.ConnectionString(folder.Database))
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .AddInterceptors(new SqlitePragmaInterceptor())
            .ConfigureWarnings(warnings => warnings
                // Of rows that are counted up to a limit it is all one which.
                .Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning)
                .Log(
                    // Whoever catches the exception tells the log, once: a full disk must not fill it with stack traces.
                    (RelationalEventId.CommandError, LogLevel.Debug),
                    (RelationalEventId.ConnectionError, LogLevel.Debug),
                    (RelationalEventId.TransactionError, LogLevel.Debug),
                    (CoreEventId.QueryIterationFailed, LogLevel.Debug),
                    (CoreEventId.SaveChangesFailed, LogLevel.Debug))));

    private static IServiceCollection AddAccess(this IServiceCollection services) => services
        .AddSingleton<IdentityCache>()
        .AddSingleton<AttemptThrottle>()
        .AddSingleton<SignInLog>()
        .AddSingleton<SecretHasher>()
        .AddSingleton(s => new PrivateEntrance(s.GetRequiredService<NcrOptions>()))
        .AddSingleton(s => new AccessService(s.GetRequiredService<IdentityCache>(), s.GetRequiredService<PrivateEntrance>(), s.GetRequiredService<RefusalLog>(), s.Db()))
        .AddSingleton(s => new UserService(s.Db(), s.Gate(), s.GetRequiredService<SignInLog>(), s.GetRequiredService<SessionService>(), s.GetRequiredService<AttemptThrottle>(), s.Events(), s.Clock()))
        .AddSingleton(s => new AccessKeyService(s.Db(), s.Gate(), s.Access(), s.GetRequiredService<IdentityCache>(), s.GetRequiredService<SecretHasher>(), s.GetRequiredService<AttemptThrottle>(), s.Events(), s.GetRequiredService<RefusalLog>(), s.Clock()))
        .AddSingleton(s => new UserAdministration(s.Db(), s.Gate(), s.Access(), s.GetRequiredService<IdentityCache>(), s.Events(), s.GetRequiredService<NcrOptions>(), s.Clock()))
        .AddSingleton(s => new MemberService(s.Db(), s.Gate(), s.Access(), s.GetRequiredService<IdentityCache>(), s.Events()))
        .AddSingleton(s => new PasswordService(s.Db(), s.Gate(), s.Events()))
        .AddSingleton(s => new TokenService(s.GetRequiredService<IDataProtectionProvider>(), s.Clock()))
        .AddSingleton(s => new SetupService(s.Db(), s.Gate(), s.GetRequiredService<UserService>(), s.GetRequiredService<AccessKeyService>(), s.GetRequiredService<RegistryService>(), s.GetRequiredService<IdentityCache>(), s.GetRequiredService<SessionService>(), s.GetRequiredService<AttemptThrottle>()))
        .AddSingleton(s => new SessionService(
            s.Db(), s.Gate(), s.Access(), s.GetRequiredService<IdentityCache>(), s.Events(), s.GetRequiredService<StorageFailureLog>(), s.Clock(), s.GetRequiredService<ILogger<SessionService>>()))
        .AddHostedService<SessionKeeper>()
        .AddSingleton(s => new ExternalSignInService(
            s.Gate(), s.GetRequiredService<SessionService>(), s.GetRequiredService<SignInLog>(), s.GetRequiredService<IdentityCache>(), s.Events(), s.GetRequiredService<NcrOptions>(), s.Clock(),
            s.GetRequiredService<ILogger<ExternalSignInService>>()))
        .AddSingleton<OutgoingPolicy>()
        .AddSingleton(s => new OutgoingHttp(s.GetRequiredService<OutgoingPolicy>(), s.Clock()));

    private static IServiceCollection AddBlobs(this IServiceCollection services)
    {
        services.TryAddSingleton<IBlobStore, FileBlobStore>();
        return services
            .AddSingleton(s => new BlobService(s.Db(), s.Cache(), s.Gate(), s.Store(), s.Access(), s.GetRequiredService<DamageRecorder>(), s.GetRequiredService<BlobUses>(), s.Clock()))
            .AddSingleton(s => new UploadService(s.Db(), s.Cache(), s.Gate(), s.Store(), s.Access(), s.Events(), s.GetRequiredService<UploadSessions>(), s.GetRequiredService<PendingCommits>(), s.Clock()))
            .AddSingleton<UploadSessions>()
            .AddCollection();
    }

    private static IServiceCollection AddBackups(this IServiceCollection services) => services
        .AddSingleton(s => new BackupService(s.GetRequiredService<DataFolder>(), s.Clock()))
        .AddSingleton(s => new RestoreService(s.GetRequiredService<DataFolder>(), s.Clock()))
        .AddSingleton(s => new VerifyService(s.GetRequiredService<DataFolder>()));

    private static IServiceCollection AddIntegrity(this IServiceCollection services) => services
        .AddSingleton<DamageRecorder>()
        .AddSingleton<IntegrityCheck>()
        .AddSingleton<IntegrityRunner>()
        .AddHostedService(s => s.GetRequiredService<IntegrityRunner>())
        .AddSingleton(s => new IntegrityService(s.Db(), s.Access(), s.GetRequiredService<IntegrityRunner>(), s.GetRequiredService<IntegrityCheck>(), s.Gate(), s.Events(), s.GetRequiredService<NcrOptions>(), s.Clock()));

    private static IServiceCollection AddCollection(this IServiceCollection services) => services
        .AddSingleton<PendingCommits>()
        .AddSingleton<ContentHold>()
        .AddSingleton<UsesState>()
        .AddSingleton<BlobUses>()
        .AddHostedService(s => s.GetRequiredService<BlobUses>())
        .AddSingleton<LinkCollector>()
        .AddSingleton<ContentRemover>()
        .AddSingleton<UploadCleaner>()
        .AddSingleton<OrphanSweeper>()
        .AddSingleton<CollectionHistory>()
        .AddSingleton<Collector>()
        .AddHostedService<BlobCollector>()
        .AddSingleton(s => new CollectionService(
            s.Db(), s.Gate(), s.Access(), s.Events(), s.GetRequiredService<Collector>(), s.GetRequiredService<CollectionHistory>(),
            s.GetRequiredService<UploadCleaner>(), s.GetRequiredService<BlobUses>(), s.GetRequiredService<DiskSpace>(), s.GetRequiredService<NcrOptions>(), s.Clock()));

    private static IServiceCollection AddDeletions(this IServiceCollection services) => services
        .AddSingleton<PutAway>()
        .AddSingleton<Restorer>()
        .AddSingleton<DeletionPurger>()
        .AddHostedService(s => s.GetRequiredService<DeletionPurger>())
        .AddSingleton(s => new DeletionPreviewService(s.Db(), s.Access()))
        .AddSingleton(s => new DeletionService(
            s.Db(), s.Gate(), s.Access(), s.Events(), s.GetRequiredService<Restorer>(), s.Purger(), s.GetRequiredService<NcrOptions>(), s.Clock()));

    private static IServiceCollection AddFiles(this IServiceCollection services)
    {
        services.TryAddSingleton(new FileLimits());
        return services
            .AddSingleton<LayerCache>()
            .AddSingleton<LayerReader>()
            .AddSingleton(s => new FileService(
                s.Access(), s.GetRequiredService<ManifestService>(), s.GetRequiredService<BlobService>(), s.GetRequiredService<LayerCache>(), s.GetRequiredService<LayerReader>(), s.GetRequiredService<FileLimits>()))
            .AddSingleton(s => new DocumentService(s.Access(), s.GetRequiredService<ManifestService>(), s.GetRequiredService<BlobService>()));
    }

    private static IServiceCollection AddImages(this IServiceCollection services) => services
        .AddSingleton<PullEvents>()
        .AddSingleton<PullRecorder>()
        .AddHostedService(s => s.GetRequiredService<PullRecorder>())
        .AddSingleton(s => new ManifestService(s.Db(), s.Cache(), s.Access(), s.GetRequiredService<PullRecorder>()))
        .AddSingleton(s => new PushService(s.Db(), s.Gate(), s.Store(), s.Access(), s.Events(), s.GetRequiredService<NcrOptions>(), s.Clock()))
        .AddSingleton(s => new CopyService(s.Db(), s.Gate(), s.Access(), s.Events(), s.GetRequiredService<ArtifactService>(), s.Clock()))
        .AddSingleton(s => new TagService(s.Db(), s.Cache(), s.Gate(), s.Access(), s.Events(), s.PutAway(), s.Purger(), s.Clock()))
        .AddSingleton(s => new ImageService(s.Db(), s.Gate(), s.Access(), s.Events(), s.PutAway(), s.Purger()))
        .AddSingleton(s => new ArtifactService(s.Db(), s.Gate(), s.Store(), s.Access(), s.Events(), s.PutAway(), s.Purger()));

    private static IDbContextFactory<NcrDbContext> Db(this IServiceProvider services) => services.GetRequiredService<IDbContextFactory<NcrDbContext>>();

    private static WriteGate Gate(this IServiceProvider services) => services.GetRequiredService<WriteGate>();

    private static ReadCache Cache(this IServiceProvider services) => services.GetRequiredService<ReadCache>();

    private static IBlobStore Store(this IServiceProvider services) => services.GetRequiredService<IBlobStore>();

    private static AccessService Access(this IServiceProvider services) => services.GetRequiredService<AccessService>();

    private static PutAway PutAway(this IServiceProvider services) => services.GetRequiredService<PutAway>();

    private static DeletionPurger Purger(this IServiceProvider services) => services.GetRequiredService<DeletionPurger>();

    private static EventLog Events(this IServiceProvider services) => services.GetRequiredService<EventLog>();

    private static TimeProvider Clock(this IServiceProvider services) => services.GetRequiredService<TimeProvider>();
}
