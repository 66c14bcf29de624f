using Microsoft.AspNetCore.Http;
using Ncr.Core.Access;
using Ncr.Core.Images;
using Ncr.Registry.Auth;

namespace Ncr.Registry.Protocol;

/// <summary>A request of /v2 that was understood and whose caller is known.</summary>
internal sealed record RegistryRequest(HttpContext Context, RegistryRoute Route, Caller Caller)
{
    public HttpRequest Http => Context.Request;

    public HttpResponse Response => Context.Response;

    public Actor Actor => Caller.Actor;

    public ImageName Image => Route.Image;

    public CancellationToken Aborted => Context.RequestAborted;

    public bool IsHead => HttpMethods.IsHead(Http.Method);
}
