using System.Linq.Expressions;
using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Deletions;
using Ncr.Core.Errors;
using Ncr.Core.Figures;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Core.Images.Files;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Core.Search;
using Ncr.Core.Sessions;
using Ncr.Tests.Access.Walk;

namespace Ncr.Tests.Access;

/// <summary>All commands of the core that name who asks, and who may. A command that is missing here fails a test.</summary>
internal static class CoreOperations
{
    private const RoleGroup All = RoleGroup.All;
    private const RoleGroup Admins = RoleGroup.Admins;
    private const RoleGroup ProjectAdmin = RoleGroup.ProjectAdmin;
    private const RoleGroup Pullers = RoleGroup.Admins | RoleGroup.Viewer;
    private const RoleGroup Pushers = RoleGroup.Admins | RoleGroup.Uploader;

    // What the calls are given: an expression can't leave out what a method would fill in.
    private static readonly PageRequest Page = new();
    private static readonly RegistrySettings Described = new("what for");
    private static readonly string[] NoTags = [];

    public static IReadOnlyList<CoreOperation> Everything { get; } = [.. OfRegistries(), .. OfImages(), .. OfContent(), .. OfUsers(), .. OfOneself(), .. OfTheServer()];

    private static IEnumerable<CoreOperation> OfRegistries() =>
    [
        Over(All, t => t.Get<RegistryService>().ListAsync(t.Actor, Page, default)),
        In(All, t => t.Get<RegistryService>().FindAsync(t.Actor, t.Registry, default)),
        In(All, t => t.Get<RegistryService>().GetUsageAsync(t.Actor, t.Registry, default)),
        OfServer(Admins, t => t.Get<RegistryService>().CreateAsync(t.Actor, AccessSetup.NewName("r"), null, default)),
        In(Admins, t => t.Get<RegistryService>().ChangeAsync(t.Actor, t.Registry, Described, default)),
        Changes(Admins, t => t.Get<RegistryService>().DeleteAsync(t.Actor, t.Registry, default)),
        In(Admins, t => t.Get<MemberService>().ListAsync(t.Actor, t.Registry, default)),
        In(Admins, t => t.Get<MemberService>().SuggestAsync(t.Actor, t.Registry, "a", default)),
        In(Admins, t => t.Get<MemberService>().SetAsync(t.Actor, t.Registry, t.Setup.Server.UserName, Role.ServiceViewer, default)),
        In(Admins, t => t.Get<MemberService>().RemoveAsync(t.Actor, t.Registry, 1, default)),
        Over(All, t => t.Get<OverviewService>().GetAsync(t.Actor, default)),
        Over(All, t => t.Get<SearchService>().SearchAsync(t.Actor, "v1", default)),
        Over(Admins, t => t.Get<AuditService>().ListAsync(t.Actor, AuditFilter.None, Page, default)),
        Over(Admins, t => t.Get<AuditService>().ReadAllAsync(t.Actor, AuditFilter.None, default)),
        Over(Admins, t => t.Get<AuditService>().ListActorsAsync(t.Actor, default)),
        Over(Admins, t => t.Get<AuditService>().ListRegistriesAsync(t.Actor, default)),
        Over(All, t => t.Get<DeletionService>().ListAsync(t.Actor, Page, default)),
        new(Admins, Reach.Registry, t => t.Get<DeletionService>().RestoreAsync(t.Actor, t.Id, default)) { Prepare = DeleteImageAsync, Changes = true },
        new(Admins, Reach.Registry, t => t.Get<DeletionService>().PurgeAsync(t.Actor, t.Id, default)) { Prepare = DeleteImageAsync, Changes = true },
        In(All, t => t.Get<DeletionPreviewService>().OfArtifactsAsync(t.Actor, t.Image, new[] { t.Digest }, default)),
        In(All, t => t.Get<DeletionPreviewService>().OfImagesAsync(t.Actor, t.Registry, new[] { t.Image.Image }, default)),
        In(All, t => t.Get<DeletionPreviewService>().OfRegistryAsync(t.Actor, t.Registry, default)),
    ];

    private static IEnumerable<CoreOperation> OfImages() =>
    [
        Over(All, t => t.Get<ImageService>().ListNamesAsync(t.Actor, null, 10, default)),
        In(All, t => t.Get<ImageService>().ListAsync(t.Actor, t.Registry, Page, default)),
        In(All, t => t.Get<ImageService>().FindAsync(t.Actor, t.Image, default)),
        Changes(Admins, t => t.Get<ImageService>().DeleteAsync(t.Actor, t.Image, default)),
        In(All, t => t.Get<ArtifactService>().ListAsync(t.Actor, t.Image, Page, default)),
        In(All, t => t.Get<ArtifactService>().FindAsync(t.Actor, t.Image, t.Digest, default)),
        In(All, t => t.Get<ArtifactService>().ListPartsAsync(t.Actor, t.Image, t.Digest, default)),
        Changes(Admins, t => t.Get<ArtifactService>().DeleteAsync(t.Actor, t.Image, t.Digest, true, default)),
        In(All, t => t.Get<TagService>().ListNamesAsync(t.Actor, t.Image, null, 10, default)),
        In(All, t => t.Get<TagService>().ListOfArtifactAsync(t.Actor, t.Image, t.Digest, Page, default)),
        In(All, t => t.Get<TagService>().ListAsync(t.Actor, t.Image, Page, default)),
        In(All, t => t.Get<TagService>().CountAccessoryTagsAsync(t.Actor, t.Image, default)),
        In(All, t => t.Get<TagService>().ResolveAsync(t.Actor, t.Image, "v1", default)),
        In(All, t => t.Get<TagService>().ListHistoryAsync(t.Actor, t.Image, "v1", 10, default)),
        Changes(Admins, t => t.Get<TagService>().CreateAsync(t.Actor, t.Image, t.Digest, "more", default)),
        In(Admins, t => t.Get<TagService>().MoveAsync(t.Actor, t.Image, "v1", t.Digest, default)),
        Changes(Admins, t => t.Get<TagService>().DeleteAsync(t.Actor, t.Image, "v1", default)),
        In(Admins, t => t.Get<CopyService>().CopyAsync(t.Actor, t.Image, t.Digest, ImageName.Parse(t.Registry + "/copy"), NoTags, false, false, default)),
        new(Admins, Reach.Registry, t => t.Get<CopyService>().CopyAsync(t.Actor, t.Image, t.Digest, ImageName.Parse(t.Registry + "/copy"), NoTags, false, true, default)) { Case = "moving", Changes = true },
        In(All, t => t.Get<DocumentService>().FindAsync(t.Actor, t.Image, Reference.To(t.Digest), default)),
        In(Pullers, t => t.Get<DocumentService>().FindManifestAsync(t.Actor, t.Image, t.Digest, default)),
        In(Pullers, t => t.Get<DocumentService>().OpenConfigAsync(t.Actor, t.Image, t.Digest, default)),
        In(Pullers, t => t.Get<DocumentService>().OpenLayerAsync(t.Actor, t.Image, t.Digest, 0, default)),
        In(Pullers, t => t.Get<DocumentService>().OpenTitledAsync(t.Actor, t.Image, t.Digest, "none", default)),
        In(Pullers, t => t.Get<FileService>().ListAsync(t.Actor, new FileSource(t.Image, t.Digest, null), 0, 0, 10, null, default)),
        In(Pullers, t => t.Get<FileService>().FindAsync(t.Actor, new FileSource(t.Image, t.Digest, 0), "file", default)),
        In(Pullers, t => t.Get<FileService>().SearchAsync(t.Actor, new FileSource(t.Image, t.Digest, 0), "file", default)),
        In(Pullers, t => t.Get<FileService>().PreviewAsync(t.Actor, t.Image, t.Digest, 0, 0, default)),
        In(Pullers, t => t.Get<FileService>().OpenFileAsync(t.Actor, t.Image, t.Digest, 0, 0, default)),
    ];

    /// <summary>Who pushes may look whether something is there, as clients do first.</summary>
    private static IEnumerable<CoreOperation> OfContent() =>
    [
        In(All, t => t.Get<ManifestService>().FindAsync(t.Actor, t.Image, Reference.To(t.Digest), default)),
        In(Pullers, t => t.Get<ManifestService>().PullAsync(t.Actor, t.Image, Reference.To(t.Digest), default)),
        In(Pullers, t => t.Get<ManifestService>().FindPayloadAsync(t.Actor, t.Image, t.Digest, default)),
        In(All, t => t.Get<ManifestService>().ListReferrersAsync(t.Actor, t.Image, t.Digest, null, null, 10, default)),
        In(Pushers, t => t.Get<PushService>().PushAsync(t.Actor, t.Image, Reference.To(t.Digest), NoTags, t.Manifest, null, default)),
        In(Pullers, t => t.Get<BlobService>().FindAsync(t.Actor, t.Image, t.Layer, default)),
        In(All, t => t.Get<BlobService>().FindForPushAsync(t.Actor, t.Image, t.Layer, default)),
        new(Admins, Reach.Registry, t => t.Get<BlobService>().DeleteAsync(t.Actor, t.Image, t.Layer, default)) { Obstacle = NcrError.InUse },
        In(Pushers, t => t.Get<BlobService>().MountAsync(t.Actor, t.Image, t.Layer, t.Image, default)),
        In(Pushers, t => t.Get<UploadService>().StartAsync(t.Actor, t.Image, null, default)),
        new(Pushers, Reach.Registry, t => t.Get<UploadService>().GetAsync(t.Actor, t.Image, t.Upload, default)) { Prepare = OpenUploadAsync },
        new(Pushers, Reach.Registry, t => t.Get<UploadService>().AppendAsync(t.Actor, t.Image, t.Upload, new MemoryStream(t.Manifest), null, null, default)) { Prepare = OpenUploadAsync },
        new(Pushers, Reach.Registry, t => t.Get<UploadService>().CompleteAsync(t.Actor, t.Image, t.Upload, t.Digest, new MemoryStream(t.Manifest), null, null, default)) { Prepare = OpenUploadAsync },
        new(Pushers, Reach.Registry, t => t.Get<UploadService>().CancelAsync(t.Actor, t.Image, t.Upload, default)) { Prepare = OpenUploadAsync },
    ];

    private static IEnumerable<CoreOperation> OfUsers() =>
    [
        OfServer(ProjectAdmin, t => t.Get<UserAdministration>().ListAsync(t.Actor, Page, default)),
        OfServer(ProjectAdmin, t => t.Get<UserAdministration>().FindAsync(t.Actor, t.Setup.Server.UserName, default)),
        OfServer(ProjectAdmin, t => t.Get<UserAdministration>().CreateAsync(t.Actor, AccessSetup.NewName("u"), Role.ProjectAdmin, default)),
        OfServer(ProjectAdmin, t => t.Get<UserAdministration>().CreateServiceAsync(t.Actor, AccessSetup.NewName("u"), Role.ServiceAdmin, default)),
        new(ProjectAdmin, Reach.Server, t => t.Get<UserAdministration>().SetRoleAsync(t.Actor, t.Id, Role.ProjectAdmin, default)) { Prepare = MakeUserAsync },
        new(ProjectAdmin, Reach.Server, t => t.Get<UserAdministration>().SetRoleAsync(t.Actor, t.Actor.UserId ?? 1, Role.ProjectAdmin, default)) { Case = "one's own" },
        new(ProjectAdmin, Reach.Server, t => t.Get<UserAdministration>().SetDisabledAsync(t.Actor, t.Id, true, default)) { Prepare = MakeUserAsync },
        new(ProjectAdmin, Reach.Server, t => t.Get<UserAdministration>().CreateLinkAsync(t.Actor, t.Id, default)) { Prepare = MakeUserAsync },
        new(ProjectAdmin, Reach.Server, t => t.Get<UserAdministration>().DeleteAsync(t.Actor, t.Id, default)) { Prepare = MakeUserAsync },
        OfServer(RoleGroup.None, t => t.Get<PasswordService>().ResetAsync(t.Actor, t.Setup.Server.UserName, "another password", default)), // The program's own command alone.
        OfServer(ProjectAdmin, t => t.Get<AccessKeyService>().ListOfAsync(t.Actor, 1, default)),
        new(ProjectAdmin, Reach.Server, t => t.Get<AccessKeyService>().CreateForServiceAsync(t.Actor, t.Id, AccessKeySettings.None, default)) { Prepare = MakeServiceAsync },
        new(ProjectAdmin, Reach.Server, t => t.Get<AccessKeyService>().RegenerateAsync(t.Actor, t.Id, default)) { Prepare = MakeServiceKeyAsync, Refusal = NcrError.NotFound },
        new(ProjectAdmin, Reach.Server, t => t.Get<AccessKeyService>().SetEnabledAsync(t.Actor, t.Id, false, default)) { Prepare = MakeServiceKeyAsync, Refusal = NcrError.NotFound },
        new(ProjectAdmin, Reach.Server, t => t.Get<AccessKeyService>().ChangeSettingsAsync(t.Actor, t.Id, AccessKeySettings.None, default)) { Prepare = MakeServiceKeyAsync, Refusal = NcrError.NotFound },
        new(ProjectAdmin, Reach.Server, t => t.Get<AccessKeyService>().DeleteAsync(t.Actor, t.Id, default)) { Prepare = MakeServiceKeyAsync, Refusal = NcrError.NotFound },
        OfServer(ProjectAdmin, t => t.Get<SessionService>().ListOfAsync(t.Actor, 1, null, default)),
        new(ProjectAdmin, Reach.Server, t => t.Get<SessionService>().EndAsync(t.Actor, t.Id, default)) { Prepare = BeginSessionAsync, Refusal = NcrError.NotFound },
        new(ProjectAdmin, Reach.Server, t => t.Get<SessionService>().EndAllOfAsync(t.Actor, t.Id, default)) { Prepare = MakeUserAsync },
    ];

    private static IEnumerable<CoreOperation> OfOneself() =>
    [
        Own(t => t.Get<AccessKeyService>().ListOwnAsync(t.Actor, default)),
        Own(t => t.Get<AccessKeyService>().CreateAsync(t.Actor, AccessKeySettings.None, default)),
        OfOwnKey(t => t.Get<AccessKeyService>().RegenerateAsync(t.Actor, t.Id, default)),
        OfOwnKey(t => t.Get<AccessKeyService>().SetEnabledAsync(t.Actor, t.Id, true, default)),
        OfOwnKey(t => t.Get<AccessKeyService>().ChangeSettingsAsync(t.Actor, t.Id, AccessKeySettings.None, default)),
        OfOwnKey(t => t.Get<AccessKeyService>().DeleteAsync(t.Actor, t.Id, default)),
        Own(t => t.Get<SessionService>().ListOwnAsync(t.Actor, null, default)),
        Own(t => t.Get<SessionService>().EndOthersAsync(t.Actor, "", default)),
    ];

    private static IEnumerable<CoreOperation> OfTheServer() =>
    [
        OfServer(ProjectAdmin, t => t.Get<CollectionService>().GetStatusAsync(t.Actor, default)),
        OfServer(ProjectAdmin, t => t.Get<CollectionService>().GetFiguresAsync(t.Actor, default)),
        OfServer(ProjectAdmin, t => t.Get<CollectionService>().ListRunsAsync(t.Actor, Page, default)),
        OfServer(ProjectAdmin, t => t.Get<CollectionService>().CollectAsync(t.Actor, true, null, default)),
        new(ProjectAdmin, Reach.Server, t => t.Get<IntegrityService>().StartAsync(t.Actor, true, default)) { Obstacle = NcrError.Conflict },
        new(ProjectAdmin, Reach.Server, t => t.Get<IntegrityService>().StopAsync(t.Actor, default)) { Obstacle = NcrError.Conflict },
        OfServer(ProjectAdmin, t => t.Get<IntegrityService>().RecheckAsync(t.Actor, default)),
        OfServer(ProjectAdmin, t => t.Get<IntegrityService>().GetStatusAsync(t.Actor, default)),
        OfServer(ProjectAdmin, t => t.Get<IntegrityService>().ListDamagedAsync(t.Actor, Page, default)),
        OfServer(ProjectAdmin, t => t.Get<IntegrityService>().ListHitAsync(t.Actor, t.Layer, Page, default)),
        OfServer(ProjectAdmin, t => t.Get<DeletionService>().GetHeldAsync(t.Actor, default)),
    ];

    private static CoreOperation In(RoleGroup roles, Expression<Func<CoreTarget, object?>> call) => new(roles, Reach.Registry, call);

    private static CoreOperation Changes(RoleGroup roles, Expression<Func<CoreTarget, object?>> call) => new(roles, Reach.Registry, call) { Changes = true };

    private static CoreOperation Over(RoleGroup roles, Expression<Func<CoreTarget, object?>> call) => new(roles, Reach.Lists, call);

    private static CoreOperation OfServer(RoleGroup roles, Expression<Func<CoreTarget, object?>> call) => new(roles, Reach.Server, call);

    private static CoreOperation Own(Expression<Func<CoreTarget, object?>> call) => new(All, Reach.Own, call);

    private static CoreOperation OfOwnKey(Expression<Func<CoreTarget, object?>> call) => new(All, Reach.Own, call) { Case = "one's own", Prepare = FindOwnKeyAsync };

    /// <summary>Once for each target, whoever asks first.</summary>
    private static async Task DeleteImageAsync(CoreTarget target)
    {
        var images = target.Get<ImageService>();
        if (await images.FindAsync(target.Setup.Admin, target.Image, default) is not null)
        {
            await images.DeleteAsync(target.Setup.Admin, target.Image, default);
        }

        target.Id = Assert.Single((await target.Get<DeletionService>().ListAsync(target.Setup.Admin, new PageRequest(Search: target.Registry), default)).Items).Id;
    }

    private static async Task OpenUploadAsync(CoreTarget target) => target.Upload = (await target.Get<UploadService>().StartAsync(target.Setup.Admin, target.Image, null, default)).Id;

    private static async Task MakeUserAsync(CoreTarget target) => target.Id = (await target.Setup.NewActorAsync(Role.None)).UserId!.Value;

    private static async Task MakeServiceAsync(CoreTarget target)
    {
        var name = AccessSetup.NewName();
        await target.Setup.Administration.CreateServiceAsync(target.Setup.Admin, name, Role.ServiceViewer, default);
        target.Id = (await target.Setup.Administration.FindAsync(target.Setup.Admin, name, default))!.Id;
    }

    private static async Task MakeServiceKeyAsync(CoreTarget target)
    {
        await MakeServiceAsync(target);
        await target.Setup.Keys.CreateForServiceAsync(target.Setup.Admin, target.Id, AccessKeySettings.None, default);
        target.Id = Assert.Single(await target.Setup.Keys.ListOfAsync(target.Setup.Admin, target.Id, default)).Id;
    }

    private static async Task BeginSessionAsync(CoreTarget target)
    {
        var user = await target.Setup.Users.SignInAsync(target.Setup.Server.UserName, target.Setup.Server.Password, Visitor.Unknown, default);
        target.Id = Assert.Single(await target.Setup.Sessions.ListOfAsync(target.Setup.Admin, user.Id, user.Token, default), s => s.IsCurrent).Id;
    }

    /// <summary>Of who has one, or may make one; 0 for others.</summary>
    private static async Task FindOwnKeyAsync(CoreTarget target)
    {
        var keys = target.Setup.Keys;
        if (target.Actor.UserId is { } user)
        {
            var made = (await keys.ListOfAsync(target.Setup.Admin, user, default)).Count > 0 ? null : await Record.ExceptionAsync(() => keys.CreateAsync(target.Actor, AccessKeySettings.None, default));
            target.Id = made is null ? (await keys.ListOfAsync(target.Setup.Admin, user, default))[0].Id : 0;
        }
    }
}
