using Ncr.Core.Access;

namespace Ncr.Tests.Access.Walk;

/// <summary>All routes of the server, and who gets what there with a session of the console. A route that is missing here fails a test.</summary>
internal static class RouteTable
{
    private const RoleGroup Pullers = RoleGroup.Admins | RoleGroup.Viewer;

    /// <summary>By their templates, as the server has them.</summary>
    public static Dictionary<string, RouteRow> Endpoints { get; } = new()
    {
        ["/"] = new("/", _ => 302) { Target = "/overview" },
        ["/overview"] = RouteRow.Page("/overview"),
        ["/registries"] = RouteRow.Page("/registries"),
        ["/registries/{Registry}"] = RouteRow.Page("/registries/{0}"),
        ["/registries/{Registry}/images/{*Image}"] = RouteRow.Page("/registries/{0}/images/{1}"),
        ["/registries/{Registry}/artifacts/{Digest}/{*Image}"] = RouteRow.Page("/registries/{0}/artifacts/{2}/{1}"),
        ["/registries/{Registry}/tags/{Tag}/{*Image}"] = RouteRow.Page("/registries/{0}/tags/v1/{1}"),
        ["/registries/{Registry}/compare/{*Image}"] = RouteRow.Page("/registries/{0}/compare/{1}?a=v1&b=v1"),
        ["/access-keys"] = RouteRow.Page("/access-keys"),
        ["/deleted"] = RouteRow.Page("/deleted"),
        ["/audit"] = RouteRow.Page("/audit"),
        ["/storage"] = RouteRow.Page("/storage"),
        ["/users"] = RouteRow.Page("/users"),
        ["/users/keys"] = RouteRow.Page("/users/keys?user=admin"),
        ["/users/sessions"] = RouteRow.Page("/users/sessions?user=admin"),
        ["/account"] = RouteRow.Page("/account"),
        ["/not-found"] = RouteRow.Page("/not-found"),
        ["/sign-in"] = new("/sign-in", c => c.IsUser ? 302 : 200, _ => 400) { Target = "/overview" },
        ["/password"] = RouteRow.OpenPage("/password?user=admin&code=0123"),
        ["/setup"] = new("/setup?code=0123", _ => 302, _ => 400) { Target = "/overview" }, // It is set up.
        ["/error"] = RouteRow.OpenPage("/error"),
        ["/sign-out"] = new("/sign-out", null, _ => 302) { Target = "/sign-in" },
        ["/sign-in/oidc"] = new("/sign-in/oidc", _ => 302) { Target = "/realms/main/authorize" },
        ["/registries/{registry}/downloads/{digest}/manifest/{**image}"] = RouteRow.File("/registries/{0}/downloads/{2}/manifest/{1}", Pullers, Reach.Registry),
        ["/registries/{registry}/downloads/{digest}/config/{**image}"] = RouteRow.File("/registries/{0}/downloads/{2}/config/{1}", Pullers, Reach.Registry),
        ["/registries/{registry}/downloads/{digest}/layer/{**image}"] = RouteRow.File("/registries/{0}/downloads/{2}/layer/{1}?layer=0", Pullers, Reach.Registry),
        ["/registries/{registry}/downloads/{digest}/file/{**image}"] = RouteRow.File("/registries/{0}/downloads/{2}/file/{1}?layer=0&entry=0", Pullers, Reach.Registry),
        ["/audit/export/{format}"] = RouteRow.File("/audit/export/csv", RoleGroup.Admins, Reach.Lists),

        // Blazor's own. A connection shows nothing by itself: it opens the parts of a page that the server sealed into it for who may see that page.
        ["/_blazor"] = RouteRow.Open("/_blazor", 400),
        ["/_blazor/negotiate"] = new("/_blazor/negotiate?negotiateVersion=1", null, _ => 200),
        ["/_blazor/disconnect/"] = new("/_blazor/disconnect/", null, _ => 400),
        ["/_blazor/initializers/"] = RouteRow.Open("/_blazor/initializers/"),
        ["/_framework/opaque-redirect"] = new("/_framework/opaque-redirect", c => c.IsUser ? 400 : 302),
    };

    /// <summary>What no endpoint stands for. A session of the console counts for nothing with any of it.</summary>
    public static IReadOnlyList<RouteRow> Others { get; } =
    [
        RouteRow.Open("/healthz"),
        RouteRow.Open("/readyz"),
        RouteRow.Open("/metrics", 401),
        RouteRow.Open("/v2/", 401),
        RouteRow.Open("/auth/token", 401),
        new("/sign-in/oidc/callback?code=0&state=0", _ => 302) { Target = "/sign-in?note=" },
        new("/nosuch", c => c.IsUser ? 404 : 302),
        new("/nosuch.css", c => c.IsUser ? 404 : 302),
    ];
}
