using Ncr.Core.Access;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access.Walk;

/// <summary>Somebody who asks: by the core, with a session of the console, and with an access key.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Everywhere">Their role.</param>
/// <param name="Here">Their role in the registry that is asked about.</param>
/// <param name="Elsewhere">Their role in another.</param>
/// <param name="IsUser">Whether they have an account that may be used.</param>
public sealed record Caller(string Name, Role Everywhere = Role.None, Role Here = Role.None, Role Elsewhere = Role.None, bool IsUser = true) : IDisposable
{
    /// <summary>Every role everywhere; every role that one registry can give, there and in another; who may not any more; and nobody.</summary>
    public static IReadOnlyList<Caller> All { get; } =
    [
        .. Enum.GetValues<Role>().Select(r => new Caller($"{r} everywhere", Everywhere: r)),
        .. RoleMatrix.RegistryRoles.Select(r => new Caller($"{r} in this registry", Here: r)),
        .. RoleMatrix.RegistryRoles.Select(r => new Caller($"{r} in another registry", Elsewhere: r)),
        new Caller("a disabled project admin", IsUser: false),
        new Caller("a deleted project admin", IsUser: false),
        new Caller("nobody", IsUser: false),
    ];

    public Actor Actor { get; init; } = Actor.Anonymous("192.0.2.1");

    internal ConsoleClient? Session { get; init; }

    /// <summary>Sends the access key, if there is one, with each request.</summary>
    public HttpClient? Client { get; init; }

    /// <param name="roles">What the table says.</param>
    /// <param name="reach">Of what.</param>
    public bool May(RoleGroup roles, Reach reach) => IsUser && reach switch
    {
        Reach.Own => true,
        Reach.Server => Has(roles, Everywhere),
        Reach.Registry => Has(roles, Everywhere) || Has(roles, Here),
        _ => Has(roles, Everywhere) || Has(roles, Here) || Has(roles, Elsewhere),
    };

    public void Dispose()
    {
        Session?.Dispose();
        Client?.Dispose();
    }

    public override string ToString() => Name;

    /// <summary>Written down once more, so that a slip in the matrix is noticed.</summary>
    private static bool Has(RoleGroup roles, Role role) => (roles & role switch
    {
        Role.ProjectAdmin => RoleGroup.ProjectAdmin,
        Role.ProjectMember or Role.ServiceAdmin => RoleGroup.OtherAdmins,
        Role.ServiceViewer => RoleGroup.Viewer,
        Role.ImageUploader => RoleGroup.Uploader,
        _ => RoleGroup.None,
    }) != 0;
}
