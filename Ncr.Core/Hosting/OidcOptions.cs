using Ncr.Core.Access;

namespace Ncr.Core.Hosting;

/// <summary>Signing in at an OpenID Connect provider, beside the accounts of this server. docs/sign-in.md tells it step by step.</summary>
public sealed class OidcOptions
{
    /// <summary>The provider's issuer address; its discovery document is below it. With it people can sign in there.</summary>
    public string? Authority { get; set; }

    /// <summary>What the provider calls this server.</summary>
    public string? ClientId { get; set; }

    /// <summary>By which this server proves to be that client.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>The text of the button on the sign-in page.</summary>
    public string? Title { get; set; } = "Sign in with OpenID Connect";

    /// <summary>What is asked for, with blanks between; <c>openid</c> always is.</summary>
    public string? Scopes { get; set; } = "openid profile email";

    /// <summary>Which claim is the user's name here.</summary>
    public string? NameClaim { get; set; } = "preferred_username";

    /// <summary>Which claim lists the groups.</summary>
    public string? GroupsClaim { get; set; } = "groups";

    /// <summary>Which group has which role: <c>ncr-admins=ProjectAdmin, team-a=ServiceViewer@team-a</c>.</summary>
    public string? Roles { get; set; }

    /// <summary>The role of who is in none of these groups.</summary>
    public Role DefaultRole { get; set; }

    /// <summary>Whether who is not known yet gets an account.</summary>
    public bool CreateUsers { get; set; } = true;

    /// <summary>Whether there is a provider.</summary>
    public bool IsOn => Authority is not null;

    /// <summary>Whether groups decide on roles; then people here can't.</summary>
    public bool SetsRoles => IsOn && Roles is not null;

    /// <summary>All scopes.</summary>
    public IReadOnlyList<string> ScopeList => [.. (Scopes ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Prepend("openid").Distinct(StringComparer.Ordinal)];
}
