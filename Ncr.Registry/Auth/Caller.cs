using Microsoft.AspNetCore.Http;
using Ncr.Core.Access;

namespace Ncr.Registry.Auth;

/// <summary>Who a request of /v2 comes from, and what its token lets it ask.</summary>
internal sealed class Caller(Actor actor, AccessTicket? ticket, string key)
{
    public Actor Actor { get; } = actor;

    /// <summary>The access key: its public half.</summary>
    public string Key { get; } = key;

    /// <summary>Basic credentials may ask for anything, a token for what it was made for.</summary>
    public bool MayAsk(RegistryScope scope) => ticket is null || scope.Actions.All(action => ticket.Grants(scope.Type, scope.Name, action));

    public static string? AddressOf(HttpContext context) => ClientAddress.Of(context.Connection.RemoteIpAddress);
}
