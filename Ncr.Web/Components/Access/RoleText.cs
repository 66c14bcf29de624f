using Ncr.Core.Access;

namespace Ncr.Web.Components.Access;

/// <summary>Roles in words.</summary>
internal static class RoleText
{
    /// <summary>The roles of a person for the whole service, the strongest first.</summary>
    public static readonly IReadOnlyList<Role> OfPeople = [Role.ProjectAdmin, Role.ProjectMember, Role.ServiceAdmin, Role.ServiceViewer, Role.ImageUploader, Role.None];

    /// <summary>Those of a service account.</summary>
    public static readonly IReadOnlyList<Role> OfServices = [Role.ServiceAdmin, Role.ServiceViewer, Role.ImageUploader, Role.None];

    /// <summary>As NCR calls it.</summary>
    public static string NameOf(Role role) => role switch
    {
        Role.ProjectAdmin => "Project Admin",
        Role.ProjectMember => "Project Member",
        Role.ServiceAdmin => "Service Admin",
        Role.ServiceViewer => "Service Viewer",
        Role.ImageUploader => "Image Uploader",
        _ => "Only in registries",
    };

    /// <summary>What it allows, in a line.</summary>
    public static string Explain(Role role, bool isInRegistry = false) => role switch
    {
        Role.ProjectAdmin => "Everything, users, their roles and the storage included.",
        Role.ProjectMember => "Everything with all registries and images.",
        Role.ServiceAdmin => isInRegistry ? "Everything with this registry: its images, its members, and deleting it." : "Everything with all registries and images.",
        Role.ServiceViewer => isInRegistry ? "Sees and pulls its images, changes nothing." : "Sees and pulls all images, changes nothing.",
        Role.ImageUploader => isInRegistry ? "Sees and pushes its images; neither pulls nor deletes." : "Sees and pushes all images; neither pulls nor deletes.",
        _ => "Nothing but what roles in single registries give.",
    };
}
