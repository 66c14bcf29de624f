namespace Ncr.Core.Access;

/// <summary>The columns of the <see cref="RoleMatrix"/>.</summary>
[Flags]
public enum RoleGroup
{
    None = 0,
    ProjectAdmin = 1,

    /// <summary>Project members and service admins.</summary>
    OtherAdmins = 2,

    Viewer = 4,
    Uploader = 8,

    Admins = ProjectAdmin | OtherAdmins,
    All = Admins | Viewer | Uploader,
}
