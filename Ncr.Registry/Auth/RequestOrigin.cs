using Microsoft.AspNetCore.Http;
using Ncr.Core.Access;

namespace Ncr.Registry.Auth;

/// <summary>Where a request comes from and how it came in, for who is not known yet.</summary>
public static class RequestOrigin
{
    /// <summary>Whoever sent it. The host notes the entrance before anything else looks at the request.</summary>
    public static Actor Of(HttpContext context) =>
        Actor.Anonymous(ClientAddress.Of(context.Connection.RemoteIpAddress), context.Features.Get<Noted>()?.Entrance ?? Entrance.Usual);

    /// <summary>Notes how a request came in.</summary>
    public static void Note(HttpContext context, Entrance entrance) => context.Features.Set(new Noted(entrance));

    private sealed record Noted(Entrance Entrance);
}
