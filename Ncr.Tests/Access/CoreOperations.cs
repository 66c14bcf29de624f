using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Blobs;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Deletions;
using Ncr.Core.Figures;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Core.Search;

namespace Ncr.Tests.Access;

/// <summary>What the pages of the console ask of the core, and who may.</summary>
internal static class CoreOperations
{
    private static readonly PageRequest Page = new();

    public static Dictionary<string, (RoleGroup Roles, Func<Target, Task> Run)> All { get; } = new()
    {
        ["list registries"] = (RoleGroup.All, t => t.Setup.Registries.ListAsync(t.Actor, Page, default)),
        ["see a registry"] = (RoleGroup.All, t => t.Setup.Registries.FindAsync(t.Actor, t.Registry, default)),
        ["create a registry"] = (RoleGroup.Admins, t => t.Setup.Registries.CreateAsync(t.Actor, AccessSetup.NewName("r"), null, default)),
        ["change a registry"] = (RoleGroup.Admins, t => t.Setup.Registries.ChangeAsync(t.Actor, t.Registry, new RegistrySettings("what for"), default)),
        ["delete a registry"] = (RoleGroup.Admins, t => t.Setup.Registries.DeleteAsync(t.Actor, t.Registry, default)),
        ["list images"] = (RoleGroup.All, t => t.Get<ImageService>().ListAsync(t.Actor, t.Registry, Page, default)),
        ["list artifacts"] = (RoleGroup.All, t => t.Get<ArtifactService>().ListAsync(t.Actor, t.Image, Page, default)),
        ["search"] = (RoleGroup.All, t => t.Get<SearchService>().SearchAsync(t.Actor, "v1", default)),
        ["see the overview"] = (RoleGroup.All, t => t.Get<OverviewService>().GetAsync(t.Actor, default)),
        ["list what was deleted"] = (RoleGroup.All, t => t.Get<DeletionService>().ListAsync(t.Actor, Page, default)),
        ["delete an image"] = (RoleGroup.Admins, t => t.Get<ImageService>().DeleteAsync(t.Actor, t.Image, default)),
        ["delete an artifact"] = (RoleGroup.Admins, t => t.Get<ArtifactService>().DeleteAsync(t.Actor, t.Image, t.Digest, false, default)),
        ["create a tag"] = (RoleGroup.Admins, t => t.Get<TagService>().CreateAsync(t.Actor, t.Image, t.Digest, "more", default)),
        ["move a tag"] = (RoleGroup.Admins, t => t.Get<TagService>().MoveAsync(t.Actor, t.Image, "v1", t.Digest, default)),
        ["delete a tag"] = (RoleGroup.Admins, t => t.Get<TagService>().DeleteAsync(t.Actor, t.Image, "v1", default)),
        ["copy an artifact"] = (RoleGroup.Admins, t => t.Get<CopyService>().CopyAsync(t.Actor, t.Image, t.Digest, ImageName.Parse($"{t.Registry}/copy"), [], false, false, default)),
        ["restore"] = (RoleGroup.Admins, RestoreAsync),
        ["give a role in a registry"] = (RoleGroup.Admins, t => t.Setup.Members.SetAsync(t.Actor, t.Registry, t.Setup.Server.UserName, Role.ServiceViewer, default)),
        ["list members"] = (RoleGroup.Admins, t => t.Setup.Members.ListAsync(t.Actor, t.Registry, default)),
        ["see what was done"] = (RoleGroup.Admins, t => t.Get<AuditService>().ListAsync(t.Actor, AuditFilter.None, Page, default)),
        ["list users"] = (RoleGroup.ProjectAdmin, t => t.Setup.Administration.ListAsync(t.Actor, Page, default)),
        ["create a user"] = (RoleGroup.ProjectAdmin, t => t.Setup.Administration.CreateAsync(t.Actor, AccessSetup.NewName(), Role.ProjectAdmin, default)),
        ["create a service account"] = (RoleGroup.ProjectAdmin, t => t.Setup.Administration.CreateServiceAsync(t.Actor, AccessSetup.NewName(), Role.ServiceAdmin, default)),
        ["change a role"] = (RoleGroup.ProjectAdmin, t => t.Setup.Administration.SetRoleAsync(t.Actor, t.Setup.Admin.UserId!.Value, Role.ProjectAdmin, default)),
        ["see another's keys"] = (RoleGroup.ProjectAdmin, t => t.Setup.Keys.ListOfAsync(t.Actor, t.Setup.Admin.UserId!.Value, default)),
        ["see the storage"] = (RoleGroup.ProjectAdmin, t => t.Get<CollectionService>().GetFiguresAsync(t.Actor, default)),
        ["collect"] = (RoleGroup.ProjectAdmin, t => t.Get<CollectionService>().CollectAsync(t.Actor, true, null, default)),
        ["see the integrity check"] = (RoleGroup.ProjectAdmin, t => t.Get<IntegrityService>().GetStatusAsync(t.Actor, default)),
        ["see what is held"] = (RoleGroup.ProjectAdmin, t => t.Get<DeletionService>().GetHeldAsync(t.Actor, default)),
    };

    private static async Task RestoreAsync(Target target)
    {
        await target.Get<ImageService>().DeleteAsync(target.Setup.Admin, target.Image, default);
        var deletions = target.Get<DeletionService>();
        var id = Assert.Single((await deletions.ListAsync(target.Setup.Admin, new PageRequest(Search: target.Registry), default)).Items).Id;
        await deletions.RestoreAsync(target.Actor, id, default);
    }

    /// <param name="Registry">With one image in it that has the artifact, tagged <c>v1</c>.</param>
    public sealed record Target(AccessSetup Setup, Actor Actor, string Registry, ImageName Image, Digest Digest)
    {
        public T Get<T>()
            where T : notnull => Setup.Get<T>();
    }
}
