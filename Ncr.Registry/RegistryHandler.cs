using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Registry.Auth;
using Ncr.Registry.Blobs;
using Ncr.Registry.Catalog;
using Ncr.Registry.Manifests;
using Ncr.Registry.Protocol;
using Ncr.Registry.Referrers;
using Ncr.Registry.Tags;
using Ncr.Registry.Telemetry;

namespace Ncr.Registry;

/// <summary>Every request below <c>/v2</c>: understand the path, find out who asks, check the token's scope, hand over to the resource.</summary>
internal sealed partial class RegistryHandler(
    Authenticator authenticator,
    AccessService access,
    BlobEndpoints blobs,
    UploadEndpoints uploads,
    ManifestEndpoints manifests,
    TagsEndpoint tags,
    CatalogEndpoint catalog,
    ReferrersEndpoint referrers,
    TokenEndpoint tokens,
    StorageFailureLog failures,
    ILogger<RegistryHandler> logger)
{
    public Task HandleV2Async(HttpContext context, string path)
    {
        context.Response.Headers[OciHeaders.ApiVersion] = "registry/2.0";
        return GuardAsync(context, () => DispatchAsync(context, path));
    }

    public Task HandleTokenAsync(HttpContext context) => GuardAsync(context, () => tokens.HandleAsync(context));

    private async Task DispatchAsync(HttpContext context, string path)
    {
        if (!RegistryRoute.TryParse(path, out var route))
        {
            await RegistryErrors.WriteAsync(context, StatusCodes.Status404NotFound, "UNSUPPORTED", $"There is nothing at '{context.Request.Path}' in the registry API.");
            return;
        }

        if (route.Name.Length > 0)
        {
            route = route.RequireName(context.Request.Host.Value ?? "");
        }

        if (!RegistryPermissions.Takes(route.Resource, context.Request.Method))
        {
            context.Response.Headers.Allow = RegistryPermissions.AllowOf(route.Resource);
            await RegistryErrors.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "UNSUPPORTED", $"{context.Request.Method} is not possible here; {RegistryPermissions.AllowOf(route.Resource)} is.");
            return;
        }

        if (await authenticator.AuthenticateAsync(context) is not { } caller)
        {
            var error = context.Request.Headers.Authorization.Count > 0 ? "invalid_token" : null;
            await Challenge.WriteAsync(context, ScopeText(route, context), error, null);
            return;
        }

        RequestWatch.Note(context, caller);
        if (await FindMissingScopesAsync(context, route, caller) is { } missing)
        {
            await Challenge.WriteAsync(context, missing, "insufficient_scope", null);
            return;
        }

        await HandleAsync(new RegistryRequest(context, route, caller));
    }

    private Task HandleAsync(RegistryRequest request) => request.Route.Resource switch
    {
        RegistryResource.Manifest => manifests.HandleAsync(request),
        RegistryResource.Blob => blobs.HandleAsync(request),
        RegistryResource.Uploads => uploads.StartAsync(request),
        RegistryResource.Upload => uploads.HandleAsync(request),
        RegistryResource.Tags => tags.HandleAsync(request),
        RegistryResource.Referrers => referrers.HandleAsync(request),
        RegistryResource.Catalog => catalog.HandleAsync(request),
        _ => WriteBaseAsync(request),
    };

    /// <summary>
    /// The scopes to fetch a token for, when the token does not cover the request and its user may do it; null when the request goes on. Of a user
    /// who may not, Core refuses: fetching another token would not help.
    /// </summary>
    private async ValueTask<string?> FindMissingScopesAsync(HttpContext context, RegistryRoute route, Caller caller)
    {
        foreach (var scope in RegistryPermissions.ScopesOf(route, context.Request))
        {
            // A right to push is enough to push; the challenge asks for pull as well since clients look before they push.
            var needed = scope.Actions.Contains(RegistryScope.Push) ? RegistryScope.Of(scope.Name, RegistryScope.Push) : scope;
            if (caller.MayAsk(needed))
            {
                continue;
            }

            var permission = scope.Type == RegistryScope.RegistryType ? Permission.ViewImages : RegistryScope.PermissionFor(needed.Actions[0])!.Value;
            var slash = scope.Name.IndexOf('/', StringComparison.Ordinal);
            var registry = slash > 0 ? scope.Name[..slash] : null;
            if (await access.IsAllowedAsync(caller.Actor, permission, registry, context.RequestAborted))
            {
                return ScopeText(route, context);
            }

            // Who may push but not pull may look whether something is there, with a token for either.
            if (HttpMethods.IsHead(context.Request.Method) && !caller.MayAsk(RegistryScope.Of(scope.Name, RegistryScope.Push)) && !caller.MayAsk(RegistryScope.Of(scope.Name, RegistryScope.Look))
                && await access.IsAllowedAsync(caller.Actor, Permission.PushImage, registry, context.RequestAborted))
            {
                return ScopeText(route, context);
            }
        }

        return null;
    }

    private static string ScopeText(RegistryRoute route, HttpContext context) => string.Join(' ', RegistryPermissions.ScopesOf(route, context.Request));

    private static Task WriteBaseAsync(RegistryRequest request)
    {
        request.Response.ContentType = "application/json; charset=utf-8";
        request.Response.ContentLength = 2;
        return request.IsHead ? Task.CompletedTask : request.Response.Body.WriteAsync("{}"u8.ToArray(), request.Aborted).AsTask();
    }

    /// <summary>No answer of the registry is a page, a redirect or a bare status.</summary>
    private async Task GuardAsync(HttpContext context, Func<Task> handle)
    {
        try
        {
            await handle();
        }
        catch (NcrException exception) when (!context.Response.HasStarted)
        {
            if (exception.Error == NcrError.Unauthenticated)
            {
                var scopes = context.Request.Path.StartsWithSegments("/v2", out var rest) && RegistryRoute.TryParse(rest.Value ?? "", out var route) ? ScopeText(route, context) : "";
                await Challenge.WriteAsync(context, scopes, null, exception);
            }
            else
            {
                await RegistryErrors.WriteAsync(context, exception);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client hung up; there is nobody to answer. What an upload has received is kept.
        }
        catch (ConnectionResetException)
        {
            context.Abort(); // The same, noticed by a read before the connection itself did: no error of the server, and nothing left to drain.
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await RegistryErrors.WriteAsync(context, exception.StatusCode, exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? "SIZE_INVALID" : "UNSUPPORTED", exception.Message);
        }
        catch (Exception exception) when (failures.Report(exception) is { } failure)
        {
            await WriteAsync(context, failure);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            LogFailed(logger, exception, context.Request.Method, context.Request.Path, RequestId.Of(context));
            await RegistryErrors.WriteAsync(context, StatusCodes.Status500InternalServerError, "UNKNOWN", $"The server failed to answer. Its log tells more under {RequestId.Of(context)}.");
        }
    }

    private static Task WriteAsync(HttpContext context, NcrException failure)
    {
        if (context.Response.HasStarted)
        {
            context.Abort(); // A length was promised: the client must see a broken answer, not a short one.
            return Task.CompletedTask;
        }

        return RegistryErrors.WriteAsync(context, failure);
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed ({TraceId})")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string path, string traceId);
}
