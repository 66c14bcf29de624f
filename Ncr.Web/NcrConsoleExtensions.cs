using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;
using MudBlazor;
using MudBlazor.Services;
using Ncr.Core.Access;
using Ncr.Core.Hosting;
using Ncr.Web.Account;
using Ncr.Web.Account.Oidc;
using Ncr.Web.Components;
using Ncr.Web.Components.Pages.AccessKeys;
using Ncr.Web.Components.Pages.Images;
using Ncr.Web.Components.Pages.Registries;
using Ncr.Web.Components.Pages.Users;
using Ncr.Web.Downloads;

namespace Ncr.Web;

/// <summary>Puts the console into a host.</summary>
public static class NcrConsoleExtensions
{
    public static IServiceCollection AddNcrConsole(this IServiceCollection services, NcrOptions options)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight;
            mud.SnackbarConfiguration.VisibleStateDuration = 6000;
            mud.SnackbarConfiguration.MaxDisplayedSnackbars = 4;
            mud.SnackbarConfiguration.PreventDuplicates = false;
        });
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(ConsoleSession.Configure);
        services.AddNcrOidc(options.Oidc);
        services.AddAuthorization();
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = "ncr-antiforgery");
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, NcrAuthenticationStateProvider>();
        services.AddScoped<CurrentActor>();
        services.AddScoped<ServerAddress>();
        services.AddScoped<MinuteTicker>();
        services.AddScoped<ArtifactDeleter>();
        services.AddScoped<ArtifactCopier>();
        services.AddScoped<TagDeleter>();
        services.AddScoped<ImageDeleter>();
        services.AddScoped<RegistryCreator>();
        services.AddScoped<RegistryDeleter>();
        services.AddScoped<UserEditor>();
        services.AddScoped<AccessKeyEditor>();
        return services;
    }

    /// <summary>The console's middleware and endpoints. After everything that answers clients, so that they never meet a page.</summary>
    public static WebApplication MapNcrConsole(this WebApplication app)
    {
        app.UseExceptionHandler(ConsoleUrls.Error, createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute(ConsoleUrls.NotFound, createScopeForStatusCodePages: true);
        app.Use(KeepPagesForPeople);
        app.UseAuthentication();
        app.Use(LeadToSetupAsync);
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapAccountEndpoints();
        app.MapOidcEndpoints(app.Services.GetRequiredService<NcrOptions>().Oidc);
        app.MapDownloadEndpoints();
        app.MapAuditExport();
        app.MapGet("/", () => TypedResults.LocalRedirect(ConsoleUrls.Overview));
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }

    /// <summary>A script that asks for a missing file is better served by a bare 404 than by a page. (Middleware in a branch could not route to the page.)</summary>
    private static Task KeepPagesForPeople(HttpContext context, RequestDelegate next)
    {
        var asksForPage = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        if (!asksForPage && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }

        return next(context);
    }

    /// <summary>While nobody can sign in yet, every page leads to the one that says how to begin.</summary>
    private static async Task LeadToSetupAsync(HttpContext context, RequestDelegate next)
    {
        var isPage = context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is { } page && page.Type != typeof(SetupPage) && page.Type != typeof(ErrorPage);
        if (isPage && await context.RequestServices.GetRequiredService<SetupService>().IsNeededAsync(context.RequestAborted))
        {
            context.Response.Redirect(ConsoleUrls.Setup);
            return;
        }

        await next(context);
    }
}
