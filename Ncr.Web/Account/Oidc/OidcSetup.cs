using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Ncr.Core.Hosting;
using Ncr.Core.Outgoing;

namespace Ncr.Web.Account.Oidc;

/// <summary>Signing in at the provider that <c>Ncr:Oidc</c> names. Who comes back, and what becomes of them here, the core decides.</summary>
internal static class OidcSetup
{
    public const string Scheme = OpenIdConnectDefaults.AuthenticationScheme;

    /// <summary>What a provider signs with: its own key, never the secret it shares with this server, and never nothing.</summary>
    public static readonly IReadOnlyCollection<string> Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static IServiceCollection AddNcrOidc(this IServiceCollection services, OidcOptions oidc)
    {
        services.AddSingleton<SignInNotes>();
        if (oidc.IsOn)
        {
            services.AddScoped<OidcEvents>();
            services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<OutgoingHttp>((options, http) => Configure(options, oidc, http));
            services.AddAuthentication().AddOpenIdConnect(Scheme, _ => { });
        }

        return services;
    }

    private static void Configure(OpenIdConnectOptions options, OidcOptions oidc, OutgoingHttp http)
    {
        options.Authority = oidc.Authority;
        options.ClientId = oidc.ClientId;
        options.ClientSecret = oidc.ClientSecret;
        options.Backchannel = http.CreateClient(OutgoingLimits.Documents);
        options.RequireHttpsMetadata = new Uri(oidc.Authority!).Scheme == Uri.UriSchemeHttps; // Plain http only where the settings write it.
        options.RefreshInterval = TimeSpan.FromSeconds(30); // For new keys; else five minutes after the last time.
        options.EventsType = typeof(OidcEvents);
        options.CallbackPath = ConsoleUrls.OidcCallback;

        // The answer comes as a redirect (GET), and so with Lax cookies: those of a form from elsewhere (POST) need https.
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        foreach (var cookie in new[] { options.CorrelationCookie, options.NonceCookie })
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        }

        options.CorrelationCookie.Name = "ncr-oidc-state.";
        options.NonceCookie.Name = "ncr-oidc-nonce.";
        options.UsePkce = true;
        options.SaveTokens = false;
        options.Scope.Clear();
        foreach (var scope in oidc.ScopeList)
        {
            options.Scope.Add(scope);
        }

        // Names and groups are in the token with some providers, with others only in what they tell about the user when asked.
        options.GetClaimsFromUserInfoEndpoint = true;
        options.MapInboundClaims = false;
        options.ClaimActions.Clear();
        options.ClaimActions.MapUniqueJsonKey(oidc.NameClaim!, oidc.NameClaim!);
        options.ClaimActions.MapJsonKey(oidc.GroupsClaim!, oidc.GroupsClaim!);
        options.TokenValidationParameters.ValidAlgorithms = [.. Algorithms];
        options.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(2);
        options.TokenValidationParameters.NameClaimType = oidc.NameClaim!;
    }
}
