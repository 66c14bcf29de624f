namespace Ncr.Core.Access;

/// <summary>What a user may do, as NCR names its roles. What each allows is in <see cref="RoleMatrix"/>.</summary>
public enum Role
{
    /// <summary>Nothing of its own: only what roles in single registries give.</summary>
    None,

    /// <summary>Everything, and alone users and the system itself.</summary>
    ProjectAdmin,

    /// <summary>Everything with registries, as <see cref="ServiceAdmin"/>.</summary>
    ProjectMember,

    /// <summary>Everything with registries.</summary>
    ServiceAdmin,

    /// <summary>Seeing everything, and pulling.</summary>
    ServiceViewer,

    /// <summary>Seeing everything, and pushing; neither pulling nor deleting.</summary>
    ImageUploader,
}
