using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Ncr.Core.Access;
using Ncr.Registry.Auth;
using Ncr.Web.Theme;

namespace Ncr.Web.Components;

/// <summary>The document. Account pages are static; all others run in a circuit, without a first rendering of their own.</summary>
public sealed partial class App
{
    private static readonly InteractiveServerRenderMode WithoutPrerendering = new(prerender: false);

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    private Actor Origin => RequestOrigin.Of(Http);

    private bool IsInteractive => Http.AcceptsInteractiveRouting();

    private InteractiveServerRenderMode? Mode => IsInteractive ? WithoutPrerendering : null;

    /// <summary>The person's choice; null for the system's. It is here so that the first paint has the right colours.</summary>
    private string? Theme => ThemeChoice.Read(Http.Request);
}
