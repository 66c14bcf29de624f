using Ncr.Core.Access;

namespace Ncr.Tests.Access.Walk;

/// <summary>What an address answers whom.</summary>
/// <param name="Url">An address of that route; <c>{0}</c> is a registry, <c>{1}</c> an image in it, <c>{2}</c> its artifact.</param>
/// <param name="Get">The status of a GET; null where there is none.</param>
/// <param name="Post">The status of a form that is none of ours; null where there is no POST.</param>
internal sealed record RouteRow(string Url, Func<Caller, int>? Get, Func<Caller, int>? Post = null)
{
    /// <summary>Where a redirect leads.</summary>
    public string Target { get; init; } = "/sign-in?returnUrl=";

    /// <summary>A page of the console: whoever is signed in gets the frame, and what it shows them is up to the core.</summary>
    public static RouteRow Page(string url) => new(url, c => c.IsUser ? 200 : 302, c => c.IsUser ? 400 : 302);

    public static RouteRow OpenPage(string url) => new(url, _ => 200, _ => 400);

    public static RouteRow Open(string url, int status = 200) => new(url, _ => status);

    /// <summary>A file, which the core may refuse.</summary>
    public static RouteRow File(string url, RoleGroup roles, Reach reach) => new(url, c => !c.IsUser ? 302 : c.May(roles, reach) ? 200 : 403);
}
